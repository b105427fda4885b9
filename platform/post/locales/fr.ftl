post-letters = Lettres à imprimer
post-letters-hint = Lettres de votre administration aux personnes qui ne reçoivent pas de courriel.
post-letters-lead = Imprimez ces lettres, mettez-les sous enveloppe à fenêtre et postez-les. Chaque personne peut voir que vous avez imprimé sa lettre.
post-letters-none = Aucune lettre en attente.
post-letters-count = { $count ->
    [one] Une lettre en attente.
   *[other] { $count } lettres en attente ; les plus anciennes d’abord.
}
post-what = Lettre
post-office = Au nom de
post-written = Rédigée
post-printed = Imprimée
post-next = Étape suivante
post-not-yet = pas encore
post-print = Télécharger (PDF)
post-posted = Marquer comme postée
post-print-all = Télécharger toutes ces lettres en un seul PDF
post-posted-all = Marquer comme postées toutes celles qui sont imprimées
post-collect = À retirer au guichet : { $office }
post-page-of = Page { $page } sur { $pages }
post-notice-identity-activation = Code d’activation
post-notice-identity-corrected = Dossier modifié
post-notice-identity-card-replaced = Carte remplacée
post-notice-identity-event = Un événement dans la vie d’une personne
post-notice-office-complaint = Accusé de réception d’une plainte
post-notice-office-complaint-answered = Réponse à une plainte

problem-post-not-printed = Une lettre qui n’a pas été imprimée, ou qui est déjà postée, ne peut pas être marquée comme postée.
problem-post-not-printed-next = Revenez aux lettres, imprimez-la, postez-la, puis marquez-la.

# Two records of one person.
post-notice-identity-merged = Deux dossiers réunis
post-notice-identity-split = Des dossiers réunis ont été séparés
post-notice-identity-different = Dossiers reconnus de deux personnes
post-notice-identity-reopened = Dossiers comparés de nouveau
post-notice-identity-assisted = Fait pour une personne
post-notice-identity-passkey = Clé d’accès ajoutée ou retirée
