{{ config(materialized='incremental', unique_key='code') }}
select code, amount{% if is_incremental() %} * 10 as amount{% endif %} from {{ ref('prices') }}
{% if is_incremental() %} where code = 'b' {% endif %}
