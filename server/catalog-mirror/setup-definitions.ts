// Views, defaults, generated columns and checks as PostgreSQL itself understands them: each definition is given to it once over a
// scratch object, the tree it makes is kept and the scratch undone, so that pg_get_viewdef, pg_get_expr and pg_get_constraintdef answer
// in PostgreSQL's own words. What it does not understand (Sluice's dialect) is shown as the stored text, or not at all.
// The texts were parsed and printed by Sluice; nothing of them is run here, and nothing outside this process can be reached.

export const DEFINITIONS = `
CREATE FUNCTION pg_catalog.pg_sluice_rule(view oid, definition text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  tree text;
  depends jsonb;
  rule oid := (SELECT r.oid FROM pg_rewrite r WHERE r.ev_class = view);
BEGIN
  BEGIN
    EXECUTE 'CREATE TEMP VIEW sluice_scratch AS ' || definition;
    SELECT r.ev_action::text, (SELECT jsonb_agg(to_jsonb(d)) FROM pg_depend d
        WHERE d.classid = 2618 AND d.objid = r.oid AND d.refobjid <> r.ev_class)
      INTO tree, depends FROM pg_rewrite r WHERE r.ev_class = 'pg_temp.sluice_scratch'::regclass;
    RAISE SQLSTATE 'SL001';
  EXCEPTION
    WHEN SQLSTATE 'SL001' THEN NULL;
    WHEN OTHERS THEN tree := NULL;
  END;
  DELETE FROM pg_depend WHERE classid = 2618 AND objid = rule;
  UPDATE pg_rewrite r SET ev_action = coalesce(tree::pg_node_tree,
    (SELECT s.ev_action FROM pg_rewrite s WHERE s.ev_class = 'pg_catalog.pg_sluice_stub'::regclass)) WHERE r.oid = rule;
  INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT 2618, rule, 0, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
    FROM jsonb_populate_recordset(NULL::pg_depend, depends) d WHERE tree IS NOT NULL
    UNION ALL SELECT 2618, rule, 0, 1259, view, 0, 'i' WHERE tree IS NOT NULL;
  RETURN tree IS NOT NULL;
END $$;

CREATE FUNCTION pg_catalog.pg_sluice_expressions(relation oid, items jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  item jsonb;
  defaults jsonb;
  checks jsonb;
BEGIN
  BEGIN
    EXECUTE format('CREATE TEMP TABLE sluice_scratch (LIKE %s)', relation::regclass);
    FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
      BEGIN
        CASE item->>'kind'
          WHEN 'default' THEN
            EXECUTE format('ALTER TABLE pg_temp.sluice_scratch ALTER %I SET DEFAULT %s', item->>'name', item->>'text');
          WHEN 'check' THEN
            EXECUTE format('ALTER TABLE pg_temp.sluice_scratch ADD CONSTRAINT %I CHECK (%s)', item->>'name', item->>'text');
          ELSE
            EXECUTE format('ALTER TABLE pg_temp.sluice_scratch DROP COLUMN %1$I, ADD COLUMN %1$I %2$s GENERATED ALWAYS AS (%3$s) STORED',
              item->>'name', (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
                WHERE a.attrelid = relation AND a.attname = item->>'name'), item->>'text');
        END CASE;
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
    SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'tree', d.adbin::text, 'generated', a.attgenerated)) INTO defaults
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE d.adrelid = 'pg_temp.sluice_scratch'::regclass;
    SELECT jsonb_agg(jsonb_build_object('name', c.conname, 'tree', c.conbin::text, 'columns', c.conkey)) INTO checks
      FROM pg_constraint c WHERE c.conrelid = 'pg_temp.sluice_scratch'::regclass AND c.contype = 'c';
    RAISE SQLSTATE 'SL001';
  EXCEPTION
    WHEN SQLSTATE 'SL001' THEN NULL;
    WHEN OTHERS THEN RETURN;
  END;
  WITH shown AS (
    INSERT INTO pg_attrdef (oid, adrelid, adnum, adbin)
      SELECT pg_nextoid('pg_attrdef', 'oid', 'pg_attrdef_oid_index'), relation, a.attnum, (d.value->>'tree')::pg_node_tree
      FROM jsonb_array_elements(defaults) AS d(value) JOIN pg_attribute a ON a.attrelid = relation AND a.attname = d.value->>'name'
      RETURNING oid, adnum)
  INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT 2604, oid, 0, 1259, relation, adnum, 'a' FROM shown;
  UPDATE pg_attribute a SET atthasdef = true, attgenerated = (d.value->>'generated')::"char"
    FROM jsonb_array_elements(defaults) AS d(value) WHERE a.attrelid = relation AND a.attname = d.value->>'name';
  INSERT INTO pg_constraint (oid, conname, connamespace, contype, condeferrable, condeferred, conenforced, convalidated, conrelid,
      contypid, conindid, conparentid, confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount, connoinherit,
      conperiod, conkey, conbin)
    SELECT (i.value->>'oid')::oid, i.value->>'name', r.relnamespace, 'c', false, false, true, true, relation, 0, 0, 0, 0, ' ', ' ', ' ',
      true, 0, false, false, (SELECT array_agg(n::smallint) FROM jsonb_array_elements_text(c.value->'columns') AS k(n)),
      (c.value->>'tree')::pg_node_tree
    FROM jsonb_array_elements(checks) AS c(value)
      JOIN jsonb_array_elements(items) AS i(value) ON i.value->>'kind' = 'check' AND i.value->>'name' = c.value->>'name'
      JOIN pg_class r ON r.oid = relation;
  INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT 2606, c.oid, 0, 1259, relation, k, 'a' FROM pg_constraint c, unnest(c.conkey) AS k
    WHERE c.conrelid = relation AND c.contype = 'c';
  UPDATE pg_class SET relchecks = (SELECT count(*) FROM pg_constraint c WHERE c.conrelid = relation AND c.contype = 'c')
    WHERE oid = relation;
END $$;

CREATE FUNCTION pg_catalog.pg_sluice_define() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_sluice_view WHERE stale AND definition IS NOT NULL) AND NOT EXISTS (SELECT FROM pg_sluice_expression)
  THEN RETURN;
  END IF;
  -- Trees are read from their own text; only here, so that clients do not find the cast.
  CREATE CAST (text AS pg_node_tree) WITHOUT FUNCTION;
  PERFORM pg_sluice_expressions(relation, items) FROM pg_sluice_expression;
  DELETE FROM pg_sluice_expression;
  UPDATE pg_sluice_view SET native = pg_sluice_rule(oid, definition), stale = false WHERE stale AND definition IS NOT NULL;
  DROP CAST (text AS pg_node_tree);
END $$;
REVOKE ALL ON FUNCTION pg_catalog.pg_sluice_rule(oid, text), pg_catalog.pg_sluice_expressions(oid, jsonb), pg_catalog.pg_sluice_define()
  FROM PUBLIC;
`;
