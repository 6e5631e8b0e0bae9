{{ config(materialized='ephemeral') }}
select n / 10 as tens, count(*) as numbers, {{ dbt.date_trunc('month', "date '2024-02-29'") }} as month
from {{ source('lab', 'numbers') }}
group by 1
