"""Tables of searches: each filter or order is an observation of its own, named by its text."""


def filters(w, table, search) -> None:
    """Sees what `search(filter)` finds for each row: a filter, or a filter and the words its refusal must have."""
    for row in table:
        text, *says = row if isinstance(row, tuple) else (row,)
        w.see(text or "(empty)", lambda text=text: search(text), says=tuple(says))


def orders(w, table, search) -> None:
    """Sees in which order `search(order_by)` answers for each row: a list of orders, or such and words."""
    for row in table:
        order, *says = row if isinstance(row, tuple) else (row,)
        w.see(" | ".join(order) or "(none)", lambda order=order: search(order), says=tuple(says))


def pages(fetch, show) -> list:
    """Every page of `fetch(token)`, each as the list of what `show` picks; stops after 20."""
    found, token = [], None
    while len(found) < 20:
        page = fetch(token)
        found.append([show(item) for item in page])
        token = page.token
        if not token:
            break
    return found
