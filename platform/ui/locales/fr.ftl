# Textes communs à toutes les pages.

ui-skip = Aller au contenu principal
ui-strip = À propos de cette démonstration
ui-languages = Langues
ui-nav = Menu principal
ui-crumbs = Vous êtes ici
ui-pages = Pages de cette liste
ui-sign-in = Se connecter
ui-sign-out = Se déconnecter
ui-trust = Comment nous contrôler
ui-back = Retour
ui-previous = Précédent
ui-next = Suivant
ui-continue = Continuer
ui-save = Enregistrer et continuer
ui-send = Envoyer
ui-save-later = Enregistrer et revenir plus tard
ui-change = Modifier
ui-choose = Choisissez
ui-optional = (si vous l’avez)
ui-warning = Attention :
ui-error-prefix = Erreur :
ui-faults-title = Cette page contient une erreur
ui-not-answered = Sans réponse
ui-yes = Oui
ui-no = Non
ui-photo-stored = Une photo est enregistrée
ui-step = Étape { $step } sur { $steps }
ui-check-title = Vérifiez vos réponses
ui-check-help = Relisez tout une dernière fois. Vous pouvez modifier chaque réponse avant l’envoi.
ui-place = Lieu
ui-address-lines = Adresse, avec vos propres mots
ui-address-help = Par exemple : derrière la mosquée bleue, près du puits. Une rue n’est pas nécessaire.
ui-max-characters =
    { $max ->
        [one] { $max } caractère au maximum
       *[other] { $max } caractères au maximum
    }

ui-day = Jour
ui-month = Mois
ui-year = Année
ui-date-day = { $day } { $month } { $year }
ui-date-month = { $month } { $year }
ui-date-year = { $year }
ui-date-unknown = inconnue
ui-date-moment = { $day } à { $time }
ui-month-1 = janvier
ui-month-2 = février
ui-month-3 = mars
ui-month-4 = avril
ui-month-5 = mai
ui-month-6 = juin
ui-month-7 = juillet
ui-month-8 = août
ui-month-9 = septembre
ui-month-10 = octobre
ui-month-11 = novembre
ui-month-12 = décembre

ui-ago-seconds =
    { $n ->
        [0] à l’instant
        [one] il y a { $n } seconde
       *[other] il y a { $n } secondes
    }
ui-ago-minutes =
    { $n ->
        [one] il y a { $n } minute
       *[other] il y a { $n } minutes
    }
ui-ago-hours =
    { $n ->
        [one] il y a { $n } heure
       *[other] il y a { $n } heures
    }
ui-ago-days =
    { $n ->
        [one] il y a { $n } jour
       *[other] il y a { $n } jours
    }

ui-list-comma = { ", " }
ui-list-last = { " et " }

ui-record-empty = Le registre public n’a pas encore été publié
ui-record-confirmed =
    { $witnesses ->
        [0] Registre public publié { $age } ; cette installation n’exige aucun témoin
        [one] Registre public publié { $age }, confirmé par { $witnesses } témoin
       *[other] Registre public publié { $age }, confirmé par { $witnesses } témoins
    }
ui-record-unconfirmed = Registre public publié { $age }, mais seuls { $witnesses } des { $quorum } témoins exigés l’ont confirmé
ui-receipt-pending = En attente de publication
ui-receipt-signed = Inscrit au registre public
ui-receipt-cosigned = Confirmé par des témoins

ui-language-incomplete = Cette langue est incomplète : certains textes sont en anglais.
ui-language-unreviewed = Aucun locuteur natif n’a encore relu cette traduction.

ui-problem-title = Un problème est survenu
ui-problem-next-title = Ce que vous pouvez faire
ui-problem-reference = Référence pour le service d’aide : { $code }

problem-not-found = Cette page est introuvable.
problem-not-found-next = Vérifiez l’adresse ou repartez de la page d’accueil.
problem-internal = L’erreur vient de nous : quelque chose s’est interrompu pendant le traitement.
problem-internal-next = Réessayez dans quelques minutes. Si cela se reproduit, donnez la référence ci-dessous au service d’aide.
problem-store-unavailable = Nous ne pouvons rien enregistrer pour le moment ; rien n’a donc été modifié.
problem-store-unavailable-next = Réessayez dans quelques minutes.
