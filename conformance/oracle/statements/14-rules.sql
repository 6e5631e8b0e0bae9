-- What errors about stored rows name for programs: schema, table, column, constraint. (A check that is NULL is broken in Delta, and kept in PostgreSQL.)
create table ora.ruled (a int not null, b int constraint positive check (b > 0), c text not null default 'x', e int, constraint later check (a < 100), check (b < a));
insert into ora.ruled (a, b) values (5, 1), (7, 2);
insert into ora.ruled (a, b) values (null, 1);
insert into ora.ruled (a, b) values (10, -1);
insert into ora.ruled (a, b) values (100, 100);
insert into ora.ruled values (null, -1, null, 1);
insert into ora.ruled select 5, 5;
update ora.ruled set c = null where a = 5;
update ora.ruled set b = 0 where a = 7;
merge into ora.ruled r using (values (5, -5)) s (a, b) on r.a = s.a when matched then update set b = s.b;
merge into ora.ruled r using (values (8, 9)) s (a, b) on r.a = s.a when not matched then insert (a, b) values (s.a, s.b);
alter table ora.ruled alter column e set not null;
alter table ora.ruled add constraint seven check (a <> 7);
alter table ora.ruled add column d int not null;
insert into ora.ruled (a, b) values (1, 'x');
select * from ora.ruled order by a;
select 1/(a - 5) from ora.ruled;
