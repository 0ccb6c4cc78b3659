"""Pages of who starts a campaign: the plan, the news, the money and the receipts. And of everyone who signed in: "mine"."""
