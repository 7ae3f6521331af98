-- A state follows another only as ledger.transition lists it, whoever writes it.
CREATE OR REPLACE FUNCTION ledger.guard_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.transition WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'delivery %: no verb leads from % to %', OLD.delivery_id, OLD.state, NEW.state
              USING ERRCODE = 'check_violation', HINT = 'ledger.transition lists what may follow what';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_state BEFORE UPDATE OF state ON ledger.delivery
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION ledger.guard_state();
