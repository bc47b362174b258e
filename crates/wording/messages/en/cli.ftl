# The command line.
cli-report-sent = Sent at { $time }. We keep calling until someone answers.
cli-report-done = The most important thing is done.
cli-report-not-sent = Not sent yet. The server cannot be reached.
cli-report-call = Do not wait: call someone.
cli-report-stop-watching = Ctrl-C stops the display; calling goes on.
cli-attempt = { $time } { $name } { $channel } { $state }
cli-next = Next for { $name }, { $channel }, { $when }
cli-add-more = To add: ippo log fact "what you saw"
cli-verify-good = { $count ->
    [one] Nothing was changed ({ $count } event).
   *[other] Nothing was changed ({ $count } events).
}
cli-verify-bad = Line { $line } does not fit: { $why }
cli-about = The first report of a serious incident reaches a human being
cli-about-report = Report: people are called until somebody answers
cli-about-log = Add an entry to the time line
cli-about-login = Link this computer to a person
cli-about-demo = Try ippo: a made-up company on this machine
cli-about-init = Write a configuration and make the first admin
cli-about-serve = Run the server
cli-about-doctor = Check everything and say what to do
cli-about-directory = People, teams and contacts from and to a file
cli-about-token = Tokens of the API
cli-about-rehearse = Who would be called when
cli-about-export = The ledger of an incident as JSON Lines
cli-about-verify = Check a ledger, and a receipt, off line
cli-about-backup = Copy the database while the server runs
cli-about-restore = Put a backup in the place of the database
cli-about-migrate = Bring the database up to date and end
cli-about-completions = Print completions for a shell
cli-at-once = at once
cli-no-token = This computer is not linked to a person yet, so the report cannot be sent from here.
cli-no-token-remedy = Link it once with: ippo login --server URL
cli-report-no-numbers = No numbers are kept on this computer. Speak to someone near you.
cli-watch-accepted = { $name } has it. You are not alone with this.
cli-watch-promised = Someone calls back by { $time }. If not, calling resumes.
cli-watch-next = Next step { $when }
cli-watch-away = The server does not answer right now. Your report is on its disk. Still looking.
cli-login-open = Open this address where you are signed in to ippo:
cli-login-code = Compare the code and confirm it: { $code }
cli-login-too-late = The code has run out. Begin again with: ippo login
cli-login-done = Linked to { $name }. Kept in { $path }, readable by you alone.
cli-log-done = Added to { $incident }.
cli-log-no-incident = There is no open incident that you can see. Name one with --incident.
cli-verify-redacted = { $count ->
    [one] { $count } event is redacted; the chain holds over it.
   *[other] { $count } events are redacted; the chain holds over them.
}
cli-verify-receipt = The receipt fits. Signed with { $key }
cli-import-warning = please check:
cli-import-nothing-changed = Nothing was changed.
cli-import-kept-admin = { $id } is an admin and not in the file. They are kept; admins are removed on the page People.
cli-import-would = { $count ->
    [0] Nothing would change.
    [one] { $count } entry would change. Nothing was changed.
   *[other] { $count } entries would change. Nothing was changed.
}
cli-import-done = { $count ->
    [0] Nothing changed.
    [one] { $count } entry changed.
   *[other] { $count } entries changed.
}
cli-init-written = Written: { $path }
cli-init-link = Open this link to set the first admin’s password. It works once, for seven days:
cli-init-next = Next: ippo serve, then ippo directory import FILE, then ippo doctor
cli-init-admin = Admin
cli-serve-no-last-resort = organisation.last_resort is empty. Name who is called when nobody else is left.
cli-demo-what = Open the address in a browser. Everything is made up; nothing real is sent.
cli-demo-stop = Ctrl-C ends the demonstration.
cli-backup-done = Copied to { $path }
cli-restore-done = Restored to { $path }. What was there before is kept beside it, its name ending in .replaced- and a number.
cli-migrate-done = The database is up to date.
cli-rehearse-line = Who is called, in order:
cli-rehearse-later = later
cli-rehearse-steps = What is sent when, while nobody answers:
cli-doctor-ok = ok
cli-doctor-warning = look
cli-doctor-problem = bad
cli-doctor-well = All is well.
cli-doctor-not-well = Something has to be put right; see above.
