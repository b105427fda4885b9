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
identity-sex-unknown = Inconnu

# Situation dans le pays.
identity-standing = Situation dans le pays
identity-standing-citizen = Citoyen ou citoyenne
identity-standing-foreigner = Personne étrangère
identity-standing-refugee = Personne réfugiée
identity-standing-stateless = Sans aucune nationalité
identity-standing-unknown = Inconnue

problem-identity-proof-wait = Cette preuve n’est pas encore prête.
problem-identity-proof-wait-next = Patientez quelques secondes, puis réessayez.
problem-identity-fields-unknown = La demande nomme un champ que le registre n’a pas, ou n’en nomme aucun.
problem-identity-fields-unknown-next = Ne demandez que les champs d’un dossier, ou number, card ou history.

# Menu et bureau.
identity-nav-me = Mon dossier
identity-nav-looks = Qui a consulté
identity-nav-register = Inscrire une personne
identity-nav-register-hint = Pour quelqu’un qui n’est pas encore au registre.
identity-nav-search = Trouver une personne
identity-nav-search-hint = Pour lire, corriger ou imprimer un dossier. La personne verra que vous l’avez consulté.

# Ce que le registre sait d’une personne.
identity-name = Nom
identity-given = Prénom
identity-family = Nom de famille
identity-other-names = Autres noms
identity-born = Date de naissance
identity-born-hint = Année, mois et jour, par exemple 1987-03-14. Si vous ne connaissez que l’année, écrivez l’année.
identity-birth-place = Lieu de naissance
identity-birth-place-code = Lieu de naissance : son code dans la liste du pays
identity-sex = Sexe
identity-mother = Nom de la mère
identity-father = Nom du père
identity-address = Adresse
identity-address-place = Lieu de résidence : son code dans la liste du pays
identity-phone = Téléphone
identity-email = Adresse électronique
identity-died = Date de décès
identity-photo = Photo
identity-number = Numéro national
identity-card-number = Numéro de la carte
identity-registered-on = Date d’inscription
identity-version = Version
identity-unknown = Inconnu

# Les mêmes dans une liste : ce que quelqu’un a vu.
identity-field-name = nom
identity-field-other-names = autres noms
identity-field-born = date de naissance
identity-field-birth-place = lieu de naissance
identity-field-sex = sexe
identity-field-parents = noms des parents
identity-field-address = adresse
identity-field-contacts = téléphone et adresse électronique
identity-field-standing = situation dans le pays
identity-field-died = date de décès
identity-field-photo = photo
identity-field-number = numéro national
identity-field-card = carte
identity-field-history = versions précédentes
identity-field-complaint = réclamation
identity-field-letter = une lettre qui vous est adressée

# Pourquoi un agent consulte.
identity-why = Ouvrir un dossier
identity-purpose = Pourquoi devez-vous consulter ?
identity-purpose-hint = La personne lira ce motif.
identity-case = Numéro de dossier de l’affaire
identity-case-hint = Seulement si le motif demande une affaire en cours de votre organisme.
identity-court = Référence de la décision du tribunal
identity-court-hint = Seulement si un tribunal a décidé que la personne l’apprendra plus tard.
identity-unseal = Jour où la personne apprendra cette consultation

# Trouver une personne.
identity-search = Trouver une personne
identity-search-lead = Écrivez au moins deux choses que vous savez de la personne.
identity-search-seen = La personne que vous consultez verra que c’était vous, quand et pourquoi.
identity-search-button = Chercher
identity-any-number = Numéro
identity-any-number-hint = Le numéro national, ou le numéro de la carte.
identity-found = Personnes trouvées
identity-found-none = Nous n’avons trouvé personne. Vérifiez l’orthographe, ou cherchez avec autre chose que vous savez.
identity-found-seen = Chacune de ces personnes verra que vous l’avez consultée, et pourquoi.
identity-open = Ouvrir le dossier

# La page d’une personne pour les agents.
identity-person = Dossier d’une personne
identity-seen-note = Cette consultation est enregistrée. La personne peut voir que c’était vous, quand et pourquoi.
identity-look-receipt = Reçu de cette consultation
identity-history = Comment ce dossier a changé
identity-when = Quand
identity-writer = Écrit par
identity-reason = Motif
identity-reason-hint = Une phrase. La personne peut la lire.
identity-evidence = Document ou personne qui le prouve
identity-correct = Corriger le dossier
identity-correct-lead = Ne changez que ce qui est faux. Ce qui était écrit avant est conservé.
identity-correct-send = Enregistrer la correction
identity-corrected = Le dossier est corrigé
identity-print-card = Imprimer la carte
identity-print-certificate = Imprimer un certificat
identity-replace-card = Remplacer la carte
identity-replace-reason = Pourquoi la personne a-t-elle besoin d’une nouvelle carte ?
identity-card-replaced = La carte est remplacée
identity-give-activation = Créer un code d’activation
identity-activation = Code d’activation
identity-activation-once = Ce code n’est affiché que maintenant. Imprimez-le ou notez-le, et remettez-le à la personne.
identity-activation-how = Avec ce code, la personne ouvre son propre compte : sur la page d’accueil, choisir « Activer votre compte ».
identity-erase = Demander l’effacement
identity-erase-ground = Quelle loi demande l’effacement ?
identity-erased = Les données de la personne sont effacées
identity-to-person = Aller au dossier de la personne

# Inscrire une personne.
identity-register = Inscrire une personne
identity-register-lead = Vous répondez à une chose à la fois. Vous pouvez vous arrêter et continuer plus tard. Avant l’inscription, vous revoyez toutes les réponses.
identity-register-start = Commencer
identity-draft = Inscription enregistrée en dernier : { $when }
identity-draft-open = À terminer
identity-drafts = Inscriptions que vous avez commencées
identity-register-send = Inscrire cette personne
identity-registered = La personne est inscrite
identity-doubles = Cette personne est-elle déjà inscrite ?
identity-doubles-lead = Les personnes ci-dessous se ressemblent beaucoup. Comparez-les avec la personne devant vous. Chacune verra que vous l’avez consultée.
identity-despite = Comment savez-vous que c’est quelqu’un d’autre ?
identity-despite-hint = Par exemple : ce sont des jumeaux, ou les parents ont d’autres noms.
identity-register-anyway = C’est quelqu’un d’autre : inscrire
identity-register-discard = C’est la même personne : abandonner cette inscription

# Les pages du citoyen.
identity-me = Votre dossier
identity-me-looks-count =
    { $count ->
        [0] Personne n’a consulté vos données jusqu’ici.
        [one] Vos données ont été consultées une fois jusqu’ici.
       *[other] Vos données ont été consultées { $count } fois jusqu’ici.
    }
identity-my-record = Mon dossier
identity-my-record-hint = Ce que le pays sait de vous.
identity-my-looks = Qui a consulté mes données
identity-my-looks-hint = Chaque consultation : qui, quand et pourquoi.
identity-my-receipts = Mes reçus
identity-my-receipts-hint = La preuve de ce que les bureaux ont fait à votre sujet.
identity-my-card = Ma carte
identity-my-card-hint = Un PDF à garder ou à imprimer.
identity-my-certificate = Mon certificat
identity-my-certificate-hint = Un PDF qui montre que vous êtes inscrit au registre.
identity-my-data = Tout ce que nous détenons sur vous
identity-my-data-hint = Un fichier à emporter, lisible par des programmes (JSON).
identity-my-complaints = Mes réclamations
identity-my-complaints-hint = Faire une réclamation et lire les réponses.
identity-my-sessions = Où je suis connecté
identity-my-sessions-hint = Si vous n’en reconnaissez pas une, mettez-y fin.
identity-wrong = Quelque chose est faux ?
identity-wrong-text = Allez dans un bureau d’état civil, avec un document qui montre ce qui est juste, ou une personne qui s’en porte garante. Vous trouverez le reçu de la correction sur ces pages.

# Qui a consulté.
identity-looks-gap = Entre le { $from } et le { $to }, quelqu’un a pu consulter vos données sans que cela figure dans cette liste : une partie du registre a été perdue et une copie plus ancienne a dû être restaurée. Avant et après, la liste est complète.
identity-looks-prolonged =
    { $count ->
        [one] L’une d’elles devrait déjà être ouverte. Une seconde institution a accepté qu’elle reste close plus longtemps.
       *[other] { $count } d’entre elles devraient déjà être ouvertes. Une seconde institution a accepté qu’elles restent closes plus longtemps.
    }
identity-looks-sealed =
    { $count ->
        [one] Un tribunal garde une consultation fermée pour l’instant. Elle est comptée ici, et vous pourrez la lire le jour fixé par le tribunal.
       *[other] Un tribunal garde { $count } consultations fermées pour l’instant. Elles sont comptées ici, et vous pourrez les lire aux jours fixés par le tribunal.
    }
identity-look-sentence = { $who }, { $office }, a consulté vos données. Motif : { $purpose }.
identity-look-hidden = Un tribunal garde cette consultation fermée pour l’instant. Vous pourrez la lire le jour fixé par le tribunal.
identity-look-unknown = Je ne sais pas pourquoi : faire une réclamation
identity-agency = Organisme
identity-role = Rôle
identity-basis = Loi
identity-fields = Ce qui a été vu
identity-complete = Cette liste est complète
identity-complete-text = Toutes les consultations de vos données par ce système sont numérotées l’une après l’autre. Personne ne peut en omettre une sans que cela se voie. Avec la preuve, chacun peut le vérifier, même sans nous.
identity-proof = Télécharger la preuve

# Reçus.
identity-receipts-lead = Ce que les bureaux font à votre sujet laisse un reçu. Avec lui, vous pouvez prouver ce qui a été fait, et quand.
identity-receipt-open = Ouvrir le reçu
identity-receipt = Reçu
identity-receipt-number = Numéro du reçu
identity-receipt-state = Voir où en est le reçu
identity-receipt-pending = C’est enregistré, et publié dans quelques secondes. Rouvrez cette page dans un instant.
identity-receipt-signed = Il figure au registre public, signé par le pays.
identity-receipt-cosigned = Il figure au registre public, et des témoins l’ont confirmé. Personne ne peut le modifier ni le retirer sans que cela se remarque.
identity-receipt-download = Télécharger le reçu
identity-receipt-how = Avec ce fichier, vous pouvez prouver ce qui a été enregistré, même sans réseau. Il peut contenir vos données : gardez-le en lieu sûr.
identity-policy = Fichier nécessaire pour vérifier un reçu
identity-trust = Comment vérifier un reçu
identity-act-person-registered = Vous avez été inscrit au registre
identity-act-person-corrected = Votre dossier a été corrigé
identity-act-person-erased = Vos données ont été effacées
identity-act-card-replaced = Votre carte a été remplacée
identity-act-refused = Vous avez essuyé un refus
identity-act-activation-issued = Un code d’activation a été créé pour vous

# Statistiques.
identity-statistics = Statistiques
identity-statistics-lead = Combien de personnes vivent ici selon le registre. Les très petits nombres sont masqués, pour que personne ne soit reconnaissable.
identity-statistics-table-below = Le tableau ci-dessous donne les mêmes chiffres.
identity-by-age = Personnes par âge
identity-age = À partir de l’âge de
identity-by-district = Personnes par district
identity-district = District
identity-total = Total
identity-hidden = masqué
identity-statistics-empty = Personne n’est encore inscrit.
identity-post-activation = Envoyer un code d’activation par lettre
identity-activation-posted = Le code part par lettre à la personne
identity-act-letter-posted = Une lettre vous a été postée
identity-my-data-paper = Tout ce que nous détenons sur vous, sur papier
identity-my-data-paper-hint = Le même contenu en document à lire et à imprimer (PDF).
identity-data-made = Établi le { $when }. Il contient tout ce que le registre de la population, le registre des consultations et des actes, et les services détiennent sur vous.
identity-data-history = Toutes les versions de votre dossier
identity-data-version = Version { $number }
identity-data-cards = Vos cartes
identity-data-card-until = valable
identity-data-card-ended = Annulée
identity-data-card-issued = Délivrée
identity-data-none = Aucun.
identity-data-more = { $count ->
    [one] Une entrée plus ancienne n’est pas reprise ici. Le fichier pour les programmes (JSON) la contient aussi.
   *[other] { $count } entrées plus anciennes ne sont pas reprises ici. Le fichier pour les programmes (JSON) les contient aussi.
}
identity-data-photo = Votre photo est conservée scellée ; vous pouvez la voir sous « Mon dossier ».
identity-data-complaints = Vos plaintes
identity-data-words = Vos mots
identity-data-answer = Réponse
identity-data-desk = Traitée par
identity-data-answered = Répondue
identity-data-due = Réponse attendue
identity-data-sessions = Où vous êtes connecté
identity-data-device = Appareil
identity-data-seen = Dernière utilisation
identity-data-page = Page { $page } sur { $pages }
identity-data-what = Quoi

# Refus.
problem-identity-refusal-reason = Un refus exige l'un des motifs prévus par la loi.
problem-identity-refusal-reason-next = Choisissez un motif de la liste. Si aucun ne convient, la personne ne peut pas être refusée.
problem-identity-refusal-code = Ce numéro et ce code ne vont pas ensemble.
problem-identity-refusal-code-next = Comparez les deux avec votre papier. Le code compte onze signes.
problem-identity-refusal-complained = Vous vous êtes déjà plaint de ce refus.
problem-identity-refusal-complained-next = Lisez ci-dessous où en est votre plainte.
identity-refuse = Refuser une personne avec motif
identity-refused = Refus enregistré
identity-refused-hand = Imprimez cette page et remettez-la à la personne. Le code n'est montré qu'une fois.
identity-refused-recourse = { $days ->
    [one] Vous pouvez vous plaindre. Quelqu'un d'extérieur à ce bureau doit répondre dans un délai de { $days } jour.
   *[other] Vous pouvez vous plaindre. Quelqu'un d'extérieur à ce bureau doit répondre dans un délai de { $days } jours.
  }
identity-refusals = Refus
identity-refusals-lead = Toute personne refusée reçoit un papier avec un numéro et un code. Ils permettent de lire le motif, de se plaindre et de lire la réponse, sans compte.
identity-refusals-counts = Combien de personnes ont été refusées
identity-refusals-quarters = Seuls les trimestres terminés sont montrés, et les petits nombres sont masqués, afin que personne ne soit reconnu.
identity-refusals-none = Aucun trimestre avec des refus n'est encore terminé.
identity-refusals-quarter = Année et trimestre { $quarter }
identity-refusals-by-reason = Refus par motif et sexe
identity-refusals-by-district = Refus par district et sexe
identity-refusals-by-age = Refus par âge et sexe
identity-refusal-mine = Votre refus
identity-refusal-open = Le lire
identity-refusal-number = Numéro
identity-refusal-code = Code
identity-refusal-code-hint = Tel qu'il figure sur le papier, par exemple ABCDE-FGHJK-M.
identity-refusal-reason = Motif
identity-refusal-words = Ce qui vous a été dit
identity-refusal-office = Bureau
identity-refusal-complaint = Votre plainte
identity-refusal-complained = Ce que vous avez écrit
identity-refusal-answer = Réponse
identity-refusal-late = La réponse est en retard. Ce retard est compté et publié.
identity-refusal-waits = La réponse doit arriver au plus tard le { $day }.
identity-refusal-complain = Se plaindre
identity-refusal-your-words = Ce qui ne va pas, avec vos mots

# Sign in with Daftar.
problem-identity-openid-off = La connexion aux services est désactivée ici.
problem-identity-openid-off-next = L’exploitant l’active avec le réglage openid.issuer.
problem-identity-openid-issuer = Ce n’est pas une adresse sous laquelle les services peuvent connaître le pays.
problem-identity-openid-issuer-next = Écrivez https:// et l’hôte, sans chemin ni barre oblique à la fin.
problem-identity-openid-over = Cette connexion est terminée : elle a duré plus de dix minutes, a commencé dans un autre navigateur, ou a déjà reçu sa réponse.
problem-identity-openid-over-next = Retournez au service et choisissez de vous connecter à nouveau.
problem-identity-openid-client = Le service ne peut pas être enregistré ainsi.
problem-identity-openid-client-next = Corrigez les champs marqués.
problem-identity-openid-clients-many = Le nombre de services enregistrés est au maximum.
problem-identity-openid-clients-many-next = Retirez un service que personne n’utilise plus.
identity-openid-fault-keys = Donnez un jeu de clés en JSON avec des clés publiques ES256, seulement si le service signe ses demandes.
identity-openid-fault-name = Écrivez un nom de 80 caractères au plus.
identity-openid-fault-why = Dites dans une ou plusieurs langues pourquoi le service demande, en 300 caractères au plus.
identity-openid-fault-agency = Choisissez une administration de la liste.
identity-openid-fault-redirect = Écrivez une à dix adresses d’un même hôte, chacune avec https:// et sans #. Seules les adresses de la machine de la personne peuvent commencer par http://.
identity-openid-fault-method = Un service qui ne peut prouver son identité ne reçoit pas de jetons propres.
identity-openid-stop = Cette connexion ne peut pas continuer
identity-openid-stop-lead = Le service qui vous a envoyé ici a fait une demande à laquelle nous ne pouvons pas nous fier. Nous ne lui avons rien envoyé sur vous.
identity-openid-stop-next = Revenez en arrière et réessayez. Si cela se répète, dites-le au service : l’erreur vient de lui.
identity-openid-stop-details = Pour ceux qui gèrent le service
identity-openid-sign-in = Se connecter à un service
identity-openid-continue = Continuer vers { $name } ?
identity-openid-consent = { $name } peut-il savoir qui vous êtes ?
identity-openid-who = { $name }, géré par { $organisation }, vous demande de vous connecter. Voici pourquoi :
identity-openid-learns = Ce qu’il apprendrait
identity-openid-go = Continuer
identity-openid-allow = Oui, je l’autorise
identity-openid-decline = Non, revenir sans
identity-openid-where = Dans les deux cas vous retournez à { $address }.
identity-openid-back-out = Vous pouvez retirer cela à tout moment sous « Services que j’utilise ». Chaque lecture figure dans votre liste de qui a consulté.
identity-openid-locked = Vous avez verrouillé la connexion aux services
identity-openid-locked-text = Tant que c’est verrouillé, aucun service n’apprend rien sur vous. Déverrouillez sous « Services que j’utilise », puis retournez au service et reconnectez-vous.
identity-openid-return = Retour à { $name }
identity-openid-sign-out = Se déconnecter
identity-openid-sign-out-lead = Un service vous demande de vous déconnecter ici aussi.
identity-openid-sign-out-yes = Se déconnecter ici
identity-openid-signed-out = Vous êtes déconnecté
identity-openid-signed-out-text = Plus personne n’est connecté ici. Vous pouvez fermer cette page.
identity-item-sub = Un numéro fait pour ce service seul. Ce n’est pas votre numéro national, et aucun autre service ne le connaît.
identity-item-name = Votre nom
identity-item-birthdate = Votre date de naissance
identity-item-gender = Votre sexe, tel que vos papiers l’indiquent
identity-item-locale = La langue que vous lisez
identity-item-email = Votre adresse électronique
identity-item-phone = Votre numéro de téléphone
identity-item-address = Votre adresse
identity-item-away = Il peut relire cela en votre absence, pendant 30 jours
identity-my-services = Services que j’utilise
identity-my-services-hint = Ce que vous avez autorisé, où vous vous êtes connecté, et un verrou pour tout cela.
identity-services-lead = Ces services peuvent savoir quelque chose de vous, parce que vous l’avez autorisé.
identity-services-none = Vous n’avez rien autorisé à aucun service.
identity-services-since = Autorisé le
identity-services-revoke = Retirer à { $name }
identity-services-lock-title = Verrou
identity-services-lock-text = Avec le verrou, personne ne peut se connecter à un service en votre nom, et aucun service ne peut rien lire. Ce que vous avez autorisé reste pour le jour où vous déverrouillez.
identity-services-lock = Verrouiller la connexion aux services
identity-services-locked = La connexion aux services est verrouillée. Aucun service ne peut rien lire sur vous.
identity-services-unlock = Déverrouiller la connexion aux services
identity-services-unlock-text = Dès lors vous pouvez de nouveau vous connecter aux services, et ceux que vous avez autorisés peuvent de nouveau lire.
identity-services-history = Où je me suis connecté
identity-services-history-lead = Les services auxquels vous vous êtes connecté ces 90 derniers jours. Les plus anciens sont supprimés. Vous seul pouvez lire ceci.
identity-services-history-none = Vous ne vous êtes connecté à aucun service.
identity-openid-organisation = Géré par
identity-clients = Services auxquels on se connecte
identity-clients-hint = Enregistrer un service, voir ce qu’il peut demander, le retirer.
identity-clients-lead = Un service de cette liste peut laisser les gens se connecter avec Daftar. L’enregistrement et le retrait sont des actes publics.
identity-clients-new = Enregistrer un service
identity-clients-new-lead = Vérifiez que l’organisation existe, que les adresses sont les siennes, et qu’elle a besoin de ce qu’elle demande.
identity-clients-name = Nom que les gens liront
identity-clients-name-hint = Le nom sur la porte, pas un produit.
identity-clients-agency = Administration qui en répond
identity-clients-agency-none = Aucune
identity-clients-why = Pourquoi il demande, en { $language }
identity-clients-redirect = Adresses vers lesquelles les gens sont renvoyés
identity-clients-redirect-hint = Une par ligne, exactement comme le service les enverra.
identity-clients-logout = Adresses après la déconnexion
identity-clients-method = Comment le service prouve qui il est
identity-clients-method-secret = Par un secret, que vous verrez une fois
identity-clients-method-private-key-jwt = Par une signature, dont les clés publiques sont ci-dessous
identity-clients-method-public = Pas du tout : un programme sur la machine de la personne
identity-clients-keys = Clés publiques (jeu de clés JSON)
identity-clients-keys-hint = Seulement pour un service qui signe.
identity-clients-scope-profile = Peut demander nom, date de naissance, sexe et langue
identity-clients-scope-email = Peut demander l’adresse électronique
identity-clients-scope-phone = Peut demander le numéro de téléphone
identity-clients-scope-address = Peut demander l’adresse
identity-clients-refresh = Peut relire en l’absence de la personne
identity-clients-own = Peut avoir des jetons pour lui-même, sur personne
identity-clients-native = Fonctionne sur la machine de la personne
identity-clients-register = Enregistrer
identity-clients-done = Le service est enregistré
identity-clients-id = Son nom pour les programmes (client_id)
identity-clients-secret = Son secret (client_secret)
identity-clients-secret-once = Le secret n’est montré que maintenant. Remettez-le à l’organisation sans que personne d’autre ne puisse le lire.
identity-clients-scopes = Peut demander
identity-clients-withdraw = Retirer { $name }
identity-look-service = { $who }, un service auquel vous vous êtes connecté, a lu ce que vous lui avez autorisé.
identity-look-consent = Votre propre consentement
identity-act-consent-given = Vous avez autorisé un service à savoir quelque chose de vous
identity-act-consent-revoked = Vous avez retiré ce que vous aviez autorisé à un service
identity-act-services-locked = Vous avez verrouillé la connexion aux services
identity-act-services-unlocked = Vous avez déverrouillé la connexion aux services

# How much speaks for one person.
identity-weigh-for = +{ $whole },{ $tenth } bits : { $times } fois plus probable s’il s’agit d’une seule personne
identity-weigh-against = −{ $whole },{ $tenth } bits : { $times } fois plus probable s’il s’agit de deux personnes
identity-weigh-nothing = 0 bit : ne dit rien ni pour ni contre
identity-weigh = Ce qui parle pour une seule personne, et contre
identity-weigh-what = Quoi
identity-weigh-how = Concordance
identity-weigh-weight = Ce que cela pèse
identity-weigh-sum = En tout
identity-weigh-name = Nom
identity-weigh-born = Date de naissance
identity-weigh-birth-place = Lieu de naissance
identity-weigh-sex = Sexe
identity-weigh-mother = Nom de la mère
identity-weigh-father = Nom du père
identity-weigh-home = Lieu de résidence
identity-weigh-street = Lignes de l’adresse
identity-weigh-phone = Téléphone
identity-weigh-relatives = Ce sont peut-être des proches, qui se ressemblent beaucoup
identity-weigh-prior = Deux personnes sont le plus souvent étrangères
identity-level-same = Identique
identity-level-misspelled = Une faute de frappe d’écart
identity-level-sounds-alike = Se prononce de façon proche
identity-level-known-to-stand-for-each-other = Connus pour se remplacer
identity-level-one-letter-apart-both-names-of-their-own = Une lettre d’écart, deux noms à part entière
identity-level-similar = Semblable
identity-level-initial = Une initiale
identity-level-different = Différent
identity-level-same-day = Le même jour
identity-level-same-year-no-more-known = La même année, sans autre précision
identity-level-same-year-one-says-no-more = La même année, l’un ne dit rien de plus
identity-level-day-and-month-exchanged = Jour et mois inversés
identity-level-one-digit-apart = Un chiffre d’écart
identity-level-same-day-year-off-by-at-most-3 = Le même jour, à trois ans près
identity-level-same-year-another-day = La même année, un autre jour
identity-level-at-most-3-years-apart-day-unknown = À trois ans près, jour inconnu
identity-level-share-a-word = Un mot en commun
identity-level-one-character-apart = Un caractère d’écart
identity-level-same-first-half = La même première moitié
identity-level-same-beginning = Le même début
problem-identity-learn-few = Le registre compte moins de 1 000 personnes : on n’apprend rien de si peu.
problem-identity-learn-few-next = Continuez avec le modèle fourni avec le programme.
problem-identity-desk-unknown = Le pays n’a pas ce bureau, ou pas de finalité duplicate-review.
problem-identity-desk-unknown-next = Indiquez un bureau du pays et ajoutez la finalité à son paquet.

# Two records that may be one person.
identity-doubles-open = Dossiers qui sont peut-être d’une même personne
identity-doubles-open-hint = Comparer deux dossiers côte à côte et décider avec un second agent.
identity-doubles-open-lead = Les plus fortes viennent d’abord. Aucun nom ici : ouvrir une paire consulte les deux personnes, et elles le verront.
identity-doubles-none = Il n’y a pas de telle paire.
identity-double = Est-ce une seule personne ?
identity-double-open = Ouvrir les deux dossiers
identity-double-seen = Les deux personnes verront que vous avez consulté, et pourquoi : savoir si leurs dossiers sont d’une même personne.
identity-double-first = Premier dossier
identity-double-second = Second dossier
identity-double-says = { $levels }. { $weight }
identity-double-found = Comment elles ont été trouvées
identity-double-found-desk = Inscription au guichet malgré une personne semblable
identity-double-found-import = Arrivée avec un ancien registre
identity-double-found-sweep = Le registre a été comparé à lui-même
identity-double-state = Où cela en est
identity-double-state-open = Non décidé
identity-double-state-different = Deux personnes
identity-double-state-merged = Une seule personne
identity-double-model = Version des poids
identity-double-two = Deux agents doivent approuver ce qui est décidé ici. Les deux personnes sont informées, avec le reçu.
identity-double-merge = C’est une seule personne : réunir les dossiers
identity-double-merge-means = Un dossier demeure et mène à tout ce qui est de l’autre : numéros, cartes, comptes et historique des deux y conduisent. Cela peut être annulé.
identity-double-different = Ce sont deux personnes
identity-double-different-means = La paire quitte la liste et ne revient que si la question est rouverte.
identity-double-split = Annuler : ce sont bien deux personnes
identity-double-split-means = Les deux dossiers sont rétablis tels qu’ils étaient.
identity-double-reopen = Rouvrir la question
identity-double-reopen-means = La paire revient dans la liste.
identity-double-keep = Quel dossier demeure ?
identity-double-ground = Pourquoi : la loi, les papiers vus, qui a été entendu
identity-double-ground-hint = N’écrivez pas de noms : ce texte reste lisible quand les personnes sont effacées.
identity-double-done = La décision est exécutée
identity-absorbed = Un dossier réuni au vôtre
identity-absorbed-text = Deux agents ont constaté qu’un autre dossier est aussi le vôtre. Tout en est conservé et vous le voyez ici. Si c’est faux, portez plainte : quelqu’un hors du bureau répond.
identity-absorbed-standing = Consultations du dossier qui demeure
identity-absorbed-looks = Consultations du dossier réuni { $number }
identity-merge-complain = C’est faux : porter plainte
identity-act-records-merged = Votre dossier et un autre ont été reconnus d’une même personne
identity-act-records-different = Votre dossier et un dossier semblable ont été reconnus de deux personnes
identity-act-records-split = Des dossiers réunis ont été séparés
identity-act-records-reopened = La question d’un dossier semblable au vôtre est rouverte
problem-identity-double-altered = La paire a été modifiée dans la base de données : rien n’est décidé sur elle.
problem-identity-double-altered-next = Prévenez l’exploitant et comparez de nouveau le registre.
problem-identity-double-changed = La paire ou l’un des dossiers a été modifié après la demande.
problem-identity-double-changed-next = Rouvrez les deux dossiers et refaites la demande.
problem-identity-double-state = La paire est dans un autre état : cela ne peut être décidé maintenant.
problem-identity-double-state-next = Rouvrez la paire. Un dossier réuni à un troisième doit d’abord en être séparé.
