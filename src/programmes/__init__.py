"""What a host promises: programmes with their rules and versions, shares per district, waivers, requests for funding."""
