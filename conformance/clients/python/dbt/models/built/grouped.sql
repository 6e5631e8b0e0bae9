{{ config(materialized='table', post_hook="comment on table {{ this }} is 'made by dbt'") }}
select remainder, count(*) as numbers, max(n) as highest from {{ ref('staged') }} group by 1
