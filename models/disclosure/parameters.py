"""The numbers of the protection, in one object that is printed with every release."""

from dataclasses import asdict, dataclass


class DisclosureRefused(ValueError):
    """Raised when tables may not leave; names table, column and rule, never a value."""

    def __init__(self, table: str, column: str, rule: str) -> None:
        super().__init__(f"table {table}, column {column}: {rule}")
        self.table, self.column = table, column


@dataclass(frozen=True)
class DisclosureParameters:
    """How many pupils it takes to hide one."""

    min_in: int = 5  # pupils counted, for a count to be shown
    min_out: int = 5  # pupils not counted
    min_possible_values: int = 5  # values a withheld count may still have for a reader
    min_share_base: int = 80  # pupils below which no share is made

    def __post_init__(self) -> None:
        # "fewer than min_in" is printed beside every withheld count: it must itself leave enough values
        if min(self.min_in, self.min_out) < self.min_possible_values:
            raise ValueError("min_in and min_out must be at least min_possible_values")

    def as_dict(self) -> dict[str, int]:
        """Return the parameters by name."""
        return asdict(self)
