desk-sign-in = Se connecter
desk-login = Nom de connexion
desk-login-hint = Agents : le nom que votre administrateur vous a donné. Citoyens : le nom choisi lors de l’activation du compte.
desk-password = Mot de passe
desk-confirm = Confirmer
desk-code = Code à usage unique
desk-code-label = Code de votre application d’authentification
desk-code-hint = Six chiffres, ou l’un de vos codes de secours.
desk-claim-link = Vous avez un code d’activation : activez votre compte
desk-choose-office = Où travaillez-vous aujourd’hui ?
desk-choose-office-label = Rôle et bureau
desk-step-up = Confirmez que c’est bien vous
desk-step-up-why = Ce que vous allez faire est important. Un nouveau code empêche quiconque trouverait votre écran ouvert de le faire à votre place.

problem-desk-choose-one = Rien n’a été choisi.
problem-desk-choose-one-next = Revenez en arrière et choisissez l’une des réponses.

desk-trust = Peut-on se fier aux registres de ce pays ?
desk-trust-lead = Chaque acte officiel, et chaque consultation de données personnelles faite par ce système, laisse un reçu. Les reçus sont tenus dans deux journaux publics que des témoins extérieurs surveillent. Cette page dit où ils en sont, et ce qu’ils ne peuvent pas faire.
desk-log = Journal
desk-log-acts = Actes officiels
desk-log-access = Consultations de données personnelles
desk-log-name = Nom
desk-log-size = Entrées
desk-log-root = Empreinte de toutes les entrées
desk-log-signed = Signé par le pays
desk-log-cosigned = Confirmé par les témoins
desk-log-waiting = En attente de leur place
desk-never = pas encore
desk-witness = Témoin
desk-witnesses = Qui surveille
desk-no-witness = Aucun témoin extérieur ne surveille cette installation. Son exploitant pourrait réécrire le registre sans que personne à l’extérieur le remarque.
desk-frozen = Le registre est gelé
desk-frozen-text = Cette machine détient une copie du journal « { $log } » plus ancienne que celle vue par ses témoins. Rien n’est signé avant le retour de la copie la plus récente. Il n’y a aucun moyen de passer outre.
desk-held = Le registre n’est pas signé en ce moment
desk-held-text = Les actes et les consultations continuent d’être enregistrés. Leurs reçus deviendront définitifs quand les témoins répondront de nouveau.
desk-proves = Ce que prouve un reçu
desk-proves-1 = L’acte ou la consultation a été enregistré ici, avec exactement ce contenu.
desk-proves-2 = Il figurait dans le journal que les témoins ont confirmé, à l’heure qu’ils indiquent.
desk-proves-3 = Il ne peut être ni modifié ni retiré plus tard sans que les témoins et chaque détenteur d’un reçu le remarquent.
desk-proves-4 = La liste des consultations de vos données est complète : l’omission de la première, d’une autre ou de la dernière se voit.
desk-limits = Ce qu’il ne prouve pas
desk-limits-1 = Quiconque détient à la fois le compte administrateur de la machine et la clé racine peut lire des données en silence, hors de ce programme.
desk-limits-2 = Un programme modifié peut contourner le contrôle d’accès jusqu’à ce qu’un audit le compare au programme publié.
desk-limits-3 = Sans témoin extérieur, personne à l’extérieur ne remarque un registre réécrit.
desk-limits-4 = Un reçu dit ce qui a été enregistré, non que c’est vrai.
desk-limits-5 = Les consultations mises sous scellés par un tribunal sont comptées aussitôt, mais leur contenu n’est montré qu’après la date de levée.
desk-check-yourself = Vérifiez vous-même
desk-check-yourself-text = Téléchargez un reçu et le fichier de confiance. Les deux premières commandes n’ont besoin d’aucun réseau : l’une vérifie un reçu, l’autre la preuve que votre liste de consultations est complète. La troisième contrôle un journal entier par le réseau.
desk-policy-file = Fichier de confiance : clés des journaux et de leurs témoins
desk-certificate-keys = Clés qui vérifient cartes et certificats
desk-checkpoint-acts = Dernier point de contrôle des actes
desk-checkpoint-access = Dernier point de contrôle des consultations

desk-desk = Votre bureau
desk-desk-lead = Ce que votre rôle vous permet de faire.
desk-cases = Dossiers
desk-cases-hint = Une consultation pour une enquête nomme un dossier de votre organisme.
desk-approvals = Approbations
desk-approvals-hint = Actes sur lesquels deux personnes doivent s’accorder.
desk-complaints = Réclamations
desk-complaints-hint = Réclamations de citoyens auxquelles votre bureau répond.
desk-reviews = Consultations à contrôler
desk-reviews-hint = Une consultation sur cent, tirée au sort, est contrôlée par un autre bureau.
desk-alarms = Lecteurs inhabituels
desk-alarms-hint = Agents ayant consulté bien plus de personnes que leur rôle ne le fait d’ordinaire.
desk-officials = Agents
desk-officials-hint = Qui travaille où ; inviter, affecter, suspendre.
desk-sessions = Où vous êtes connecté
desk-sessions-hint = Vos sessions ouvertes, et comment y mettre fin.

desk-claim = Activer votre compte
desk-claim-lead = Il vous faut le code d’activation de la lettre qui vous a été remise, et un téléphone ou un ordinateur avec une application d’authentification.
desk-activation = Code d’activation
desk-activation-hint = Onze lettres et chiffres. Espaces et minuscules n’ont pas d’importance.
desk-enrol = Choisissez comment vous connecter
desk-enrol-login = Votre nom de connexion est { $login }.
desk-own-name = Votre nom
desk-login-choose = Lettres, chiffres, points et traits d’union, trois au moins.
desk-new-password = Nouveau mot de passe
desk-new-password-hint = Au moins 12 caractères. Plusieurs mots à la suite sont faciles à retenir et difficiles à deviner.
desk-step = Étape { $step } sur { $steps }
desk-app = Configurez votre application d’authentification
desk-app-lead = L’application donne un nouveau code toutes les 30 secondes. Sans lui, personne ne peut se connecter avec votre seul mot de passe.
desk-app-qr = Code QR pour votre application d’authentification
desk-app-secret = Scannez l’image, ou saisissez cette clé dans l’application :
desk-app-code-hint = Les six chiffres que l’application affiche maintenant.
desk-ready = Votre compte est prêt
desk-ready-text = Vous pouvez vous connecter avec votre nom, votre mot de passe et un code de l’application.
desk-recovery = Conservez ces codes de secours
desk-recovery-text = Chacun sert une fois, si vous perdez votre téléphone. Ils ne seront plus affichés.

desk-what = Quoi
desk-requested-by = Demandé par
desk-when = Quand
desk-state = État
desk-votes =
    { $votes ->
        [one] { $votes } accord sur { $needed }
       *[other] { $votes } accords sur { $needed }
    }
desk-approvals-none = Rien n’attend d’approbation.
desk-approval = Demande d’approbation
desk-expires = Expire
desk-digest = Empreinte d’exactement ceci
desk-approved-by = D’accord
desk-exactly = Voici exactement ce qui se passera
desk-approval-closed = Cette demande est close.
desk-execute = Exécuter
desk-waiting-second = Vous avez donné votre accord. Une deuxième personne doit aussi le donner.
desk-approve = Approuver exactement ceci
desk-reason = Motif
desk-reject = Refuser
desk-kind-identity-erase = Effacer les données d’une personne
desk-kind-packs-publish = Nouvelle version des réglages du pays

desk-name = Nom
desk-works-as = Travaille comme
desk-state-invited = Invité
desk-state-active = Actif
desk-state-suspended = Suspendu
desk-invite = Inviter un agent
desk-link = Lien à usage unique
desk-link-text = Remettez-le à l’agent en personne, précédé de l’adresse de ce site. Il n’est affiché qu’une fois et expire après 72 heures.
desk-assign-now = Lui donner un rôle dans un bureau
desk-official = Agent
desk-last-sign-in = Dernière connexion
desk-end-assignment = Mettre fin à ce rôle
desk-assign = Donner un rôle dans un bureau
desk-role = Rôle
desk-office = Bureau
desk-resume = Autoriser de nouveau la connexion
desk-suspend = Suspendre
desk-renew-link = Créer un nouveau lien
desk-acts-public = Chacun de ces actes entre au registre public, sans noms.

desk-complaints-mine = Vos réclamations
desk-complaints-lead = Quelqu’un d’extérieur au bureau visé doit répondre dans le délai légal.
desk-complain = Écrire une réclamation
desk-complain-send = Envoyer la réclamation
desk-complain-agency = Quel organisme est concerné ?
desk-complain-words = Que s’est-il passé ?
desk-complain-look = Vous ne reconnaissez pas une consultation par { $agency }, { $office }.
desk-complain-deadline = { $days ->
    [one] Vous aurez une réponse sous un jour.
   *[other] Vous aurez une réponse sous { $days } jours.
}
desk-complaint-sent = Votre réclamation a été reçue
desk-complaint-number = Son numéro est { $reference }.
desk-complaint = Réclamation
desk-complaint-late = En retard
desk-complaint-open = En attente de réponse
desk-complaint-words = Les mots du citoyen
desk-complaints-none = Il n’y a pas de réclamation.
desk-reference = Numéro
desk-about = Objet
desk-about-look = Une consultation de données personnelles
desk-about-refusal = Un refus
desk-about-merge = Deux dossiers réunis en un
desk-about-other = Autre chose
desk-answers = Réponse donnée par
desk-due = Réponse due le
desk-answer = Réponse
desk-answer-send = Envoyer la réponse
desk-outcome = Comment cela se termine-t-il ?
desk-outcome-upheld = Le citoyen avait raison
desk-outcome-dismissed = Le citoyen n’avait pas raison
desk-agency = Organisme
desk-read = Lire la réclamation
desk-purpose = Pourquoi devez-vous consulter ?
desk-purpose-hint = Le citoyen lira ceci.
desk-case = Numéro de dossier
desk-complaint-counts = Réclamations par organisme
desk-complaint-counts-lead = Combien de réclamations chaque organisme a reçues, et si la réponse est venue à temps.
desk-count-open = Ouvertes
desk-count-open-late = Ouvertes et en retard
desk-count-in-time = Réponse donnée à temps
desk-count-late = Réponse donnée en retard
desk-count-upheld = Le citoyen avait raison

desk-reviews-lead = Cette consultation était-elle nécessaire à son but ? Vous voyez qui a consulté et pourquoi, non qui a été consulté.
desk-review-open = En attente
desk-review-justified = Justifiée
desk-review-unjustified = Non justifiée
desk-review-question = La consultation était-elle justifiée ?
desk-reader = Qui a consulté
desk-decide = Décider
desk-note = Note
desk-alarms-lead = Consultations en une heure, comparées à ce dont le rôle a d’ordinaire besoin.
desk-alarms-none = Personne ne consulte plus que d’habitude.
desk-looks-hour = Consultations dans l’heure
desk-looks-usual = D’ordinaire
desk-close = Clore

desk-opened-by = Ouvert par
desk-opened = Ouvert
desk-closed = Clos
desk-case-open = ouvert
desk-open-case = Ouvrir un dossier
desk-close-case = Clore un dossier

desk-sessions-lead = Si vous n’en reconnaissez pas une, mettez-y fin et changez votre mot de passe.
desk-this-session = Cette session
desk-session = Une autre session
desk-device = Appareil
desk-last-seen = Dernière utilisation
desk-end-session = Mettre fin à cette session

desk-country = Les réglages du pays
desk-country-hint = Services, rôles, lieux, formulaires, textes : leurs versions, et ce que change une nouvelle.
desk-country-lead = Noms, lieux, services, rôles, formulaires et textes viennent de fichiers du ministère. Une nouvelle version entre en vigueur à sa date, une fois que deux agents ont approuvé exactement ces fichiers.
desk-country-how = Comment proposer une nouvelle version ?
desk-country-how-text = Une version est un dossier de fichiers : elle n’est donc pas envoyée par une page. La personne qui exploite la machine vérifie et propose le dossier avec cette commande ; deux agents l’approuvent ensuite ici.
desk-version = Version
desk-version-from = En vigueur à partir du
desk-version-receipt = Reçu
desk-version-digest = Empreinte de tous les fichiers
desk-version-proposed-on = Proposée
desk-version-published = Publiée
desk-version-in-force = En vigueur
desk-version-waiting = Attend sa date
desk-version-past = Passée
desk-version-proposed = Attend deux approbations
desk-version-not-taken = Non retenue
desk-version-altered = Modifiée dans la base
desk-country-version = Version des réglages du pays
desk-country-changes = Ce qui change par rapport à la version { $version }
desk-country-count = { $count ->
    [one] Une modification
   *[other] { $count } modifications
}
desk-country-same = Rien ne change.
desk-country-silent = seulement des commentaires ou l’ordre des entrées
desk-country-file = Fichier
desk-country-thing = Quoi
desk-country-before = Jusqu’ici
desk-country-after = Ensuite
desk-country-more = { $count ->
    [one] Une autre modification n’est pas affichée. Comparez les dossiers avec « daftar country diff » avant d’approuver.
   *[other] { $count } autres modifications ne sont pas affichées. Comparez les dossiers avec « daftar country diff » avant d’approuver.
}
desk-country-files = Empreinte de chaque fichier
desk-country-files-text = Placez les fichiers dans un dossier et exécutez sha256sum : les lignes doivent être celles-ci.
desk-country-published = La nouvelle version est publiée
desk-country-published-from = Elle est en vigueur à partir du { $when }.
desk-answer-online = Connectez-vous pour lire la réponse sous « Vos plaintes ».
