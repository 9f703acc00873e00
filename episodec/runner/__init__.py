"""What performs an order: laying out, environment, wire, backend, promises. It counts in every result: keep it small."""
