# The demonstration.
demo-title = Phones and mailboxes of the demonstration
demo-what = These belong to the people of a made-up company. Nothing real is sent.
demo-fast = Time runs ten times as fast.
demo-step-1 = Choose “Use as Hanako Tanaka” below, and press the urgent button on Home.
demo-step-2 = Keep this page open: phones ring, and the calling spreads to the next person.
demo-step-3 = Open “Answer” on someone’s phone and take it: the calling stops.
demo-ringing = ringing
demo-you = You are using ippo as this person
demo-sign-in = Use as { $name }
demo-empty = Nothing has arrived yet.
demo-read = Text
demo-role-last-resort = Head of department; last resort
demo-role-leads = Leads { $name }
demo-role-member = In team { $name }
demo-role-away = { $role }, away right now
