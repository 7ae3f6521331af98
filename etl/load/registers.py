"""Registers that rules ask: what a delivery was judged by must still be what they know."""

from __future__ import annotations

from etl.load.work import Outdated, Work


def check_registers(work: Work) -> None:
    """Raise Outdated if a register was loaded after this delivery was judged by it.

    Asked under the lock that keeps registers away until this load ends.
    """
    asked = {field.register.registry for field in work.contract.fields if field.register}
    asked |= {rule.registry for rule in work.contract.rules if rule.registry}
    if not asked:
        return
    is_outdated = work.execute(
        "SELECT EXISTS (SELECT FROM ledger.delivery AS d JOIN ledger.contract AS c USING (contract_hash)"
        " WHERE d.seq > :judged_seq AND c.load_sql ~ :dimensions)",
        judged_seq=work.delivery.judged_seq or 0,
        dimensions=rf"(?n)^--\s*target:\s*dim_({'|'.join(sorted(asked))})\M",
    ).scalar_one()
    if is_outdated:
        raise Outdated
