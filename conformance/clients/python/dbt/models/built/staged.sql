{{ config(materialized='view') }}
select n, n % 7 as remainder from {{ source('lab', 'numbers') }}
