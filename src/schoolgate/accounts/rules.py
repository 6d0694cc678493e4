"""Who may come in with a password alone: nobody, except a demo's accounts on the demo's own machine."""

from __future__ import annotations

import ipaddress


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own; anything unreadable is not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def is_on_this_machine(*, remote_address: str, forwarded_for: str = "") -> bool:
    """Whether a request began here; one that a proxy passed on did not, whatever the proxy's address."""
    return is_loopback(remote_address) and not forwarded_for.strip()


def may_sign_in_without_second_factor(
    *, is_demo_account: bool, is_demo_mode: bool, remote_address: str, forwarded_for: str = ""
) -> bool:
    """A password alone is enough only for an account of the demo, in a demo, on the demo's machine."""
    return (
        is_demo_account
        and is_demo_mode
        and is_on_this_machine(remote_address=remote_address, forwarded_for=forwarded_for)
    )


def may_sign_in_at_all(
    *, is_demo_account: bool, is_demo_mode: bool, remote_address: str, forwarded_for: str = ""
) -> bool:
    """An account of the demo, whose password is printed, opens nothing outside the demo."""
    return not is_demo_account or may_sign_in_without_second_factor(
        is_demo_account=is_demo_account,
        is_demo_mode=is_demo_mode,
        remote_address=remote_address,
        forwarded_for=forwarded_for,
    )
