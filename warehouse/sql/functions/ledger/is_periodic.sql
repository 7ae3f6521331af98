-- Whether a feed fills a fact whose rows have a month or year of their own.
CREATE OR REPLACE FUNCTION ledger.is_periodic(c ledger.contract) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM ledger.target AS t
                    WHERE t.business_key && '{month,year}' AND c.load_sql ~ ('--\s*target:\s*' || t.target || '\s'))
$$;
