"""Contracts: what each feed delivers and what must hold. Light: no pandas, no Great Expectations."""

from etl.contract.find import (
    BrokenContract,
    broken_contracts,
    claimants,
    contract_paths,
    departments,
    load_contracts,
    match,
    matches_any,
    mode_of,
)
from etl.contract.model import (
    Contract,
    DeliveryRule,
    Field,
    FileOptions,
    Header,
    LoadQuery,
    PeriodSource,
    Rule,
    Totals,
)
from etl.contract.period import Period, read_period
from etl.contract.problems import ContractProblem, Problem
from etl.contract.reader import read_contract
from etl.contract.staging import create_staging_sql, staging_columns

__all__ = [
    "BrokenContract",
    "Contract",
    "ContractProblem",
    "DeliveryRule",
    "Field",
    "FileOptions",
    "Header",
    "LoadQuery",
    "Period",
    "PeriodSource",
    "Problem",
    "Rule",
    "Totals",
    "broken_contracts",
    "claimants",
    "contract_paths",
    "create_staging_sql",
    "departments",
    "load_contracts",
    "match",
    "matches_any",
    "mode_of",
    "read_contract",
    "read_period",
    "staging_columns",
]
