"""What authors of lessons use: derive starters, prove exercises, run notebooks, build the site."""
