"""Sample data of our own making: a catalogue, its vehicles, a shop and a year of visits, all from one seed."""
