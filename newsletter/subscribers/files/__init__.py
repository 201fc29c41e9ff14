"""Files of readers that other programs wrote: what they are, and what each line says. No tables here."""
