# Textes du moteur de formulaires. Chaque message sur une réponse commence par la question.

ports-form-required = { $label } : une réponse est nécessaire
ports-form-name = { $label } : écrivez le nom avec au moins une lettre
ports-form-choice = { $label } : choisissez une des réponses de la liste
ports-form-phone = { $label } : écrivez un numéro de téléphone, par exemple 020 123 456 ou +255 20 123 456
ports-form-email = { $label } : écrivez une adresse électronique, par exemple nom@example.org
ports-form-photo = { $label } : envoyez de nouveau la photo ; nous n’avons pas trouvé celle que vous avez choisie
ports-form-photo-type = { $label } : choisissez une photo de type JPEG ou PNG
ports-form-photo-large =
    { $label } : choisissez une photo de { $max ->
        [one] { $max } mégaoctet
       *[other] { $max } mégaoctets
    } au maximum
ports-form-photo-stored = Une photo est enregistrée
ports-form-number = { $label } : écrivez un nombre entier, par exemple 12
ports-form-number-shown = { $n }
ports-form-bounds = { $label } : écrivez un nombre de { $least } à { $most }
ports-form-date = { $label } : cette date n’existe pas dans le calendrier
ports-form-date-digits = { $label } : écrivez le jour, le mois et l’année en chiffres, par exemple 20 6 1956
ports-form-date-year = { $label } : écrivez aussi l’année, ou laissez tout vide si rien n’est connu
ports-form-date-month = { $label } : écrivez aussi le mois, ou laissez le jour vide si le mois n’est pas connu
ports-form-place = { $label } : choisissez aussi le lieu
ports-form-lines =
    { $label } : écrivez { $max ->
        [one] { $max } ligne
       *[other] { $max } lignes
    } au maximum
ports-form-long =
    { $label } : écrivez { $max ->
        [one] { $max } caractère
       *[other] { $max } caractères
    } au maximum
ports-form-characters = { $label } : retirez les signes invisibles, comme les caractères de contrôle
ports-form-type = { $label } : la valeur n’est pas du bon type
ports-form-not-asked = { $label } : cette question ne se pose pas avec les autres réponses ; laissez-la de côté
ports-form-unknown = { $label } : le formulaire n’a pas ce champ
ports-form-object = Les réponses doivent former un seul objet JSON
ports-form-yes = Oui
ports-form-no = Non
