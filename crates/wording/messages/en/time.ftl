# Times in words. Lists are separated by spaces: Sunday first, January first.
time-weekdays = Sun Mon Tue Wed Thu Fri Sat
time-months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
time-exact = { $weekday } { $day } { $month } { $year }, { $clock } { $zone }
time-with-zone = { $time } { $zone }
time-date = { $weekday } { $day } { $month }
time-date-and-year = { $weekday } { $day } { $month } { $year }
time-day-and-clock = { $date }, { $clock }
time-in-seconds = { $count ->
    [one] in { $count } second
   *[other] in { $count } seconds
}
time-in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
time-in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
time-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
time-ago-seconds = { $count ->
    [one] { $count } second ago
   *[other] { $count } seconds ago
}
time-ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
time-ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
time-ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
time-span-seconds = { $count } s
time-span-minutes = { $count } min
time-span-hours = { $count } h
time-span-days = { $count } d
time-span-two = { $large } { $small }
time-about = about { $time }
time-between = between { $from } and { $to }
time-unknown = time not known
