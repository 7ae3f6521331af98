"""What a wheel holds beside the code: a checkout has these folders at its root."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("dags", "expectations", "warehouse")


class Files(BuildHookInterface):  # type: ignore[type-arg]
    """Contracts, SQL, plan and DAGs as data of the package, where `etl.settings.FILES` finds them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to a wheel; an editable installation reads the checkout's own."""
        if version != "editable":
            build_data["force_include"] |= {name: f"etl/_files/{name}" for name in FOLDERS}
