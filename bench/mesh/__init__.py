"""What one more connection costs: networks of several hosts, all-to-all, and what is measured of them."""
from bench.mesh.figures import Idle, Memory, SetUp, Throughput, Transactions

ALL = {m.name: m for m in (SetUp, Memory, Idle, Throughput, Transactions)}
