-- Who owns and who reads what analysts see: for all views, functions and tables there are, run whenever one changed.
-- Views belong to a role that can read and nothing else; readers see the views of bi and call its functions only.
GRANT USAGE ON SCHEMA bi, label, ledger, plan, registry, star TO minsheng_bi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA plan, registry, star TO minsheng_bi_owner;
GRANT SELECT ON ledger.delivery, ledger.commit, ledger.evaluation, ledger.publication, ledger.reconciliation TO minsheng_bi_owner;
GRANT SELECT (delivery_id, row_no, feed, reasons, resolved_by) ON ledger.quarantine TO minsheng_bi_owner;
GRANT SELECT ON ledger.repair, ledger.segment TO minsheng_bi_owner;
GRANT SELECT (contract_hash, answer_days, owner) ON ledger.contract TO minsheng_bi_owner;
GRANT USAGE ON SCHEMA bi TO minsheng_reader;

-- Only who may create in a schema can become the owner of something in it.
GRANT CREATE ON SCHEMA bi, label TO minsheng_bi_owner;
DO $$
DECLARE item record;
BEGIN
    FOR item IN
        SELECT oid::regclass AS name FROM pg_class
         WHERE relnamespace IN ('bi'::regnamespace, 'label'::regnamespace) AND relkind = 'v'
           AND relowner <> 'minsheng_bi_owner'::regrole
    LOOP
        EXECUTE format('ALTER VIEW %s OWNER TO minsheng_bi_owner', item.name);
    END LOOP;
    FOR item IN
        SELECT oid::regprocedure AS name FROM pg_proc
         WHERE pronamespace = 'bi'::regnamespace AND proowner <> 'minsheng_bi_owner'::regrole
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO minsheng_bi_owner', item.name);
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA bi, label FROM minsheng_bi_owner;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bi FROM public;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bi TO minsheng_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO minsheng_reader;
