"""What can be measured; a measure is added by a class and its place in ALL."""
from bench.measures.relay import Relayed
from bench.measures.rtt import Limited, Rtt
from bench.measures.tcp import Lossy, Tcp
from bench.measures.udp import Flood, Udp

ALL = {m.name: m for m in (Tcp, Udp, Rtt, Flood, Limited, Lossy, Relayed)}
