//! Wires everything once: reads embedded and outside files, opens the store, hands each room its settings.
