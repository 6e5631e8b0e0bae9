-- What psql's backslash commands print, run on PostgreSQL 15 and on Sluice by psql-commands.test.ts: the same text.
\pset pager off
set client_min_messages = warning;
create table shelf (id int primary key, label varchar(20) not null default 'x', width numeric(8,2));
create table book (id bigint, shelf int references shelf (id), title text, made timestamptz, tags text[]);
create view shelf_view as select id, label from shelf where id > 0;
comment on table book is 'all books';
comment on column book.title is 'as printed';
\d
\d book
\d+ book
\d shelf
\d shelf_view
\dt
\dt public.*
\dt+ nosuch
\dv
\di
\ds
\dm
\dE
\dT
\dD
\dy
\dRp
\df public.*
\df pg_catalog.upper
\do pg_catalog.||
\dC+ nosuch
\dL nosuch
\dd book
\sf nosuch
\l nosuch
\dp nosuch
\ddp
\drds
\dx nosuch
\des
\det
\dO pg_catalog."C"
insert into shelf values (1, 'a', 1.5), (2, 'b', 2.5), (3, 'c', null) returning *;
select 'a' as r, 'x' as c, 1 as v union all select 'b', 'y', 2 union all select 'a', 'y', 3 order by 1, 2 \crosstabview
select id as first, label as second from shelf where id = 1 \gset my_
\echo :my_first :my_second :ROW_COUNT :SQLSTATE
select format('select %s as generated', id) from shelf order by id \gexec
select id, label from shelf where id = 2 \gx
select 1 as a \gdesc
\copy shelf to 'shelf.csv' csv header
delete from shelf;
\copy shelf from 'shelf.csv' csv header
select * from shelf order by id;
\copy (select label from shelf order by id) to stdout
select nosuch from shelf;
\errverbose
\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE :ERROR
\set VERBOSITY sqlstate
select 1/0;
\set VERBOSITY default
\set ON_ERROR_ROLLBACK on
begin;
insert into shelf values (4, 'd', 1);
select 1/0;
select count(*) from shelf;
commit;
select count(*) from shelf;
\set SINGLELINE off
\set FETCH_COUNT 2
select id from shelf order by id;
\unset FETCH_COUNT
select 1 \; select 2;
\if true
\echo yes
\endif
\x auto
\encoding
drop view shelf_view;
drop table book;
drop table shelf;
