desk-sign-in = Sign in
desk-login = Sign-in name
desk-login-hint = Officials: the name your administrator gave you. Citizens: the name you chose when you claimed your account.
desk-password = Password
desk-continue = Continue
desk-confirm = Confirm
desk-code = One-time code
desk-code-label = Code from your authenticator app
desk-code-hint = Six digits, or one of your recovery codes.
desk-claim-link = You have an activation code: claim your account
desk-choose-office = Where do you work today?
desk-choose-office-label = Role and office
desk-step-up = Confirm that it is you
desk-step-up-why = What you are about to do matters. A fresh code keeps anybody who found your screen open from doing it.

problem-desk-choose-one = Nothing was chosen.
problem-desk-choose-one-next = Go back and choose one of the answers.
