# Le registre de la population : ce qui n’a pas marché, et la suite.

problem-identity-entry = Certaines réponses ne peuvent pas être enregistrées telles quelles.
problem-identity-entry-next = Corrigez les champs signalés, puis renvoyez.
problem-identity-key-missing = La demande n’a pas de clé d’idempotence : l’envoyer deux fois pourrait inscrire deux fois la même personne.
problem-identity-key-missing-next = Choisissez une clé de 1 à 200 caractères pour chaque acte et renvoyez la même en cas de nouvel essai.
problem-identity-key-used = Cette clé d’idempotence a déjà servi pour une autre demande.
problem-identity-key-used-next = Choisissez une nouvelle clé pour cette demande.
problem-identity-candidates = Une personne très semblable figure déjà au registre.
problem-identity-candidates-next = Comparez les deux. S’il s’agit de deux personnes, dites pourquoi et inscrivez ; sinon, corrigez le dossier existant.
problem-identity-reason = Un motif de 1 à 500 caractères est nécessaire.
problem-identity-reason-next = Écrivez en une phrase pourquoi. La personne concernée pourra le lire.
problem-identity-evidence = La pièce justificative manque, ou dépasse 500 caractères.
problem-identity-evidence-next = Indiquez le document, ou la personne qui se porte garante.
problem-identity-unknown = Cette personne ne figure pas au registre, ou ses données ont été effacées.
problem-identity-unknown-next = Refaites la recherche.
problem-identity-changed = Quelqu’un d’autre a modifié ce dossier entre-temps.
problem-identity-changed-next = Rouvrez le dossier, regardez ce qui a changé, puis corrigez.
problem-identity-unchanged = Rien ne diffère de ce que dit déjà le dossier.
problem-identity-unchanged-next = Modifiez ce qui est faux, ou quittez la page.
problem-identity-numbers-out = Aucun numéro libre n’a été trouvé. Rien n’a été inscrit.
problem-identity-numbers-out-next = Réessayez. Si cela se répète, prévenez l’exploitant.
problem-identity-search-attributes = Une recherche demande deux éléments connus de la personne.
problem-identity-search-attributes-next = Donnez le nom avec l’année ou le lieu de naissance, ou un numéro avec un autre élément.
problem-identity-search-many = Plus de 20 personnes correspondent ; aucune n’est affichée.
problem-identity-search-many-next = Ajoutez la date de naissance complète, le lieu ou une autre partie du nom.
problem-identity-card-none = Cette personne n’a pas de carte valable.
problem-identity-card-none-next = Délivrez d’abord une nouvelle carte.
problem-identity-photo = Ce fichier n’est pas une photo que nous pouvons conserver.
problem-identity-photo-next = Envoyez une image JPEG ou PNG, ou continuez sans photo.
problem-identity-erase-payload = Le dossier a été modifié après la demande d’effacement.
problem-identity-erase-payload-next = Relisez le dossier et refaites la demande.
problem-identity-import-running = Ce fichier est en cours d’importation avec une autre correspondance, ou par un autre processus.
problem-identity-import-running-next = Continuez avec la correspondance de départ, ou laissez l’autre processus se terminer.
problem-identity-import-done = Ce fichier a déjà été importé.
problem-identity-import-done-next = Mettez les lignes refusées, une fois corrigées, dans un nouveau fichier et importez-le.

# Défauts d’un champ.
identity-fault-name-empty = Écrivez le nom, ou une partie
identity-fault-name-long = Écrivez 200 caractères au plus
identity-fault-name-letter = Écrivez le nom avec au moins une lettre
identity-fault-name-invisible = Retapez le nom : il contient un caractère de contrôle invisible
identity-fault-name-sign = Retirez les signes étrangers à un nom, comme < ou =
identity-fault-name-damaged = Retapez le nom : il a été abîmé en chemin
identity-fault-name-marks = Retapez le nom : trop de signes sur une même lettre
identity-fault-other-names-many = Gardez six autres noms au plus
identity-fault-number-length = Recomptez les chiffres : le numéro n’a pas la bonne longueur
identity-fault-number-character = N’écrivez que des chiffres
identity-fault-number-check = Comparez le numéro avec la carte : un chiffre est faux ou deux sont inversés
identity-fault-date-form = Écrivez la date avec année, mois et jour, ou seulement ce qui est connu
identity-fault-date-calendar = Corrigez la date : ce jour n’existe pas au calendrier
identity-fault-date-future = Corrigez la date : elle est dans le futur
identity-fault-died-before-born = Corrigez une des dates : le décès précède la naissance
identity-fault-choice = Choisissez une réponse de la liste
identity-fault-place = Choisissez un lieu de la liste
identity-fault-address-lines = Écrivez cinq lignes au plus
identity-fault-text-long = Écrivez 120 caractères au plus
identity-fault-text-invisible = Retapez : un caractère de contrôle invisible s’y trouve
identity-fault-text-damaged = Retapez : le texte a été abîmé en chemin
identity-fault-text-marks = Retapez : trop de signes sur une même lettre
identity-fault-phone = Écrivez un numéro de téléphone de 3 à 15 chiffres
identity-fault-email = Écrivez une adresse électronique, par exemple nom@example.org
identity-fault-language = Choisissez une langue de la liste
identity-fault-photo = Renvoyez la photo

# Pourquoi quelqu’un est peut-être déjà inscrit.
identity-duplicate-exact = Même nom et même date de naissance
identity-duplicate-phonetic = Noms qui se prononcent de façon proche et même date de naissance
identity-duplicate-date-key = Mêmes date et lieu de naissance, noms qui commencent de même
identity-duplicate-near-date = Même nom, dates de naissance qui diffèrent comme par erreur

# Cartes et certificats.
identity-paper-card = Carte d’identité
identity-paper-certificate = Certificat d’inscription au registre
identity-paper-number = Numéro
identity-paper-issued = Délivrée le
identity-paper-valid-until = Valable jusqu’au
identity-paper-check = Chacun peut vérifier ce document sans réseau : lisez le code et donnez son texte à « daftar certificate check ».
identity-paper-code = Code contenant le contenu signé de ce document
identity-paper-photo = Photo du titulaire
identity-paper-unknown = Inconnu
identity-paper-name = Nom
identity-paper-other-name = Autre nom
identity-paper-born = Date de naissance
identity-paper-sex = Sexe
identity-paper-birth-place = Lieu de naissance
identity-sex-female = Féminin
identity-sex-male = Masculin
identity-sex-other = Ni l’un ni l’autre
