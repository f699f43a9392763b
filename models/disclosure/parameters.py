"""The numbers of the protection, in one object that is printed with every release."""

from dataclasses import asdict, dataclass


class DisclosureRefused(ValueError):
    """Raised when tables may not leave; names table, column and rule, never a value."""

    def __init__(self, table: str, column: str, rule: str) -> None:
        super().__init__(f"table {table}, column {column}: {rule}")
        self.table, self.column = table, column


@dataclass(frozen=True)
class DisclosureParameters:
    """How far a count is blurred, and from how many pupils on a share is made of it."""

    base: int = 5  # counts are rounded to its multiples; of fewer pupils nothing is said
    min_possible_values: int = 5  # values that every count must still have for a reader
    min_share_base: int = 80  # pupils below which no whole percent is made
    min_range_base: int = 40  # pupils below which not even the limits of a share are told
    min_mean_base: int = 10  # pupils below which no mean or share of lessons is told

    def __post_init__(self) -> None:
        # a rounded count leaves base values on one side of it: at 0, and at all pupils of a group
        if self.base < self.min_possible_values:
            raise ValueError("base must be at least min_possible_values")

    def as_dict(self) -> dict[str, int]:
        """Return the parameters by name."""
        return asdict(self)
