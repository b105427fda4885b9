# Les mots propres à Zahrana, par clé de message du programme. Aucun pour l'instant.
