"""English phrases."""

PRAISE = {
    "newsletter": ("For once a newsletter written to a person.", "The letter gave me a good idea for a spring trip."),
    "travel_fair": (
        "Your people at the fair took the time to listen.",
        "At the fair I could ask everything without hurry.",
    ),
    "inspiration": ("The travel ideas pages made me dream again.", "The pictures and tips were lovely and useful."),
    "flight_search": ("The search found a good flight at once.", "Searching was quick and the prices were honest."),
    "travel_shop": (
        "In the travel shop I was received like an old friend.",
        "The expert in the shop found a solution I had not thought of.",
    ),
    "holiday_advice": ("The adviser first asked what kind of trips I like.", "The advice was expert and kind."),
    "web_booking": ("Booking online took a few minutes.", "There was not a single surprise in the booking."),
    "phone_booking": ("One call and the booking was done.", "A person answered who knew what she was talking about."),
    "payment_bank": ("The payment went through at the first try.", "Coming back from the bank's page was smooth."),
    "confirmation": (
        "The confirmation came at once with everything in it.",
        "The confirmation told me clearly what to do next.",
    ),
    "terms": ("The terms were actually readable.", "I found the answer in the terms quickly."),
    "app_checkin": ("Check-in in the app took less than a minute.", "The app reminded me at just the right time."),
    "checkin_desk": ("At check-in I was noticed straight away.", "They found us seats together at the desk."),
    "bag_drop": ("Dropping the bag took a moment.", "Somebody kindly helped me at the bag drop."),
    "lounge": ("The lounge was quiet and the food fresh.", "The host in the lounge remembered me from last time."),
    "gate": ("Boarding was smooth and calm.", "At the gate they told us clearly what was going on."),
    "cabin_crew": ("The crew were truly there for us.", "The crew helped before I had time to ask."),
    "meal": ("The meal was warm and tasty.", "The food was better than I dared to expect."),
    "seat": ("The seat was clean and there was room for my legs.", "I got a fine seat by the window."),
    "entertainment": ("The wifi worked for the whole flight.", "The choice of films was wide and Nordic."),
    "transfer": ("We made the connection although time was short.", "Somebody met us and took us to the next flight."),
    "baggage_claim": ("My bag was on the belt before me.", "The signs in the baggage hall were clear."),
    "courier": ("The courier brought the bag home on time.", "The delivery home was arranged with care."),
    "invoice": ("The invoice was clear and the sums were right.", "I could see at once what I was paying for."),
    "reminder": ("The reminder was polite and to the point.", "The reminder kindly told me what to do."),
    "service_phone": ("Customer service solved it in one call.", "On the phone I was listened to until the end."),
    "service_chat": ("I got an answer in the chat in a few minutes.", "There was a real person in the chat."),
    "claim": ("My claim was handled quickly.", "The decision on my claim was explained so that I understood it."),
    "points": ("Using the points was easy.", "The benefits feel as if you knew me."),
    "member_evening": ("The members' evening had a warm feel.", "I got to talk with a pilot, and that stays with me."),
    "relationship": (
        "Kurki is my natural choice year after year.",
        "I have flown with you for long, and with good reason.",
    ),
}
BLAME = {
    "newsletter": (
        "There are too many newsletters and none is about me.",
        "The offer in the letter was nowhere to be found.",
    ),
    "travel_fair": ("Nobody at the fair had time for me.", "At the fair they only handed out leaflets."),
    "inspiration": ("You cannot book what the ideas pages show.", "The pages were slow and the pictures jumped."),
    "flight_search": (
        "The search showed flights that could not be booked.",
        "The price changed in the middle of the search.",
    ),
    "travel_shop": ("In the shop they only asked about my budget.", "I had to wait although the shop was empty."),
    "holiday_advice": (
        "The adviser offered the same package as to everybody.",
        "The advice was wrong, as we found out there.",
    ),
    "web_booking": ("The booking broke off just before the payment.", "I had to guess what the price includes."),
    "phone_booking": ("I had to tell my story three times.", "The seat I was promised was not in the booking."),
    "payment_bank": ("The payee was a bank I had never heard of.", "The payment failed but the money was taken."),
    "confirmation": ("The confirmation came only the next day.", "My name was misspelt in the confirmation."),
    "terms": ("The terms are written by lawyers for lawyers.", "I could not find what happens if I fall ill."),
    "app_checkin": ("Check-in in the app did not work.", "The app logged me out in the middle of check-in."),
    "checkin_desk": ("Nobody said hello at the desk.", "Only one desk was open."),
    "bag_drop": ("The machine did not recognise my booking.", "Nobody helped at the bag drop."),
    "lounge": ("There were no seats in the lounge.", "The food in the lounge had run out by the morning."),
    "gate": ("Boarding was a muddle.", "The gate changed twice and nobody told us."),
    "cabin_crew": ("Nobody came when we called.", "The crew chatted among themselves and did not see us."),
    "meal": ("The meal was cold in the middle.", "The dish I chose ran out before my row."),
    "seat": ("The seat was broken and would not come upright.", "The seat I had booked was given to somebody else."),
    "entertainment": ("The wifi did not work although we paid for it.", "The screen was dark for the whole flight."),
    "transfer": ("The connecting flight left without us.", "Nobody knew where we should go."),
    "baggage_claim": ("We waited almost an hour for the bags.", "Nobody told us anything in the baggage hall."),
    "courier": ("The courier did not come on the agreed day.", "The bag was left in the rain by the door."),
    "invoice": ("The invoice came twice.", "The sum on the invoice was not what we agreed."),
    "reminder": ("I got a reminder of an invoice I had already paid.", "The tone of the reminder was threatening."),
    "service_phone": ("Customer service sent me from number to number.", "The call broke and nobody called back."),
    "service_chat": ("The chat kept repeating the same answer.", "The answer I was promised in the chat never came."),
    "claim": ("Nobody has answered my claim in six weeks.", "My claim was refused without a reason."),
    "points": ("My points vanished without explanation.", "The benefits cannot be used when one needs them."),
    "member_evening": ("The evening was only about new fees.", "More people were invited than there was room for."),
    "relationship": ("I feel like a booking number to you.", "Kurki is no longer the company I chose."),
}
CAUSE = {
    "weather": (
        "The flight was cancelled because of a snowstorm.",
        "Fog delayed the departure by hours.",
        "We had to fly around a thunderstorm and were late.",
    ),
    "technical_delay": (
        "The plane had a technical fault and we waited over three hours.",
        "The departure was delayed for a technical reason nobody could explain.",
        "We sat in the plane for an hour while it was repaired.",
    ),
    "aisle_noise": (
        "Children ran in the aisle for the whole flight and nobody stepped in.",
        "The party behind us was so loud that nobody could sleep.",
        "Children played tag in the aisle and my coffee spilled.",
    ),
    "baggage": (
        "My bag was left behind.",
        "The suitcase arrived without a wheel.",
        "The bag was missing for three days.",
    ),
    "invoice_wording": (
        "The invoice spoke of “your current debt” although I had paid everything on time.",
        "With the invoice came a leaflet about instalments at 29 per cent.",
        "The invoice was written as if to a debtor.",
    ),
    "unclear_app": (
        "You cannot find your own booking in the app.",
        "The app speaks in codes I do not understand.",
        "The buttons in the app move with every version.",
    ),
    "queue": (
        "We stood in line for {minutes} minutes.",
        "The queue did not move for {minutes} minutes.",
        "I queued so long that I nearly missed the flight.",
    ),
    "staff": (
        "The clerk snapped at me in front of everybody.",
        "I was answered without a glance.",
        "My question was met with a shrug.",
    ),
    "food": (
        "There was no vegetarian meal although I had ordered one.",
        "The bread was dry and the coffee lukewarm.",
        "The food tasted of cardboard.",
    ),
    "price": (
        "The price doubled in one evening.",
        "The bag, the seat and everything else cost extra.",
        "Somebody else paid half for the same trip.",
    ),
    "refund": (
        "The refund you promised has not been seen.",
        "I have waited two months for my money.",
        "It is being processed, is all I ever hear.",
    ),
    "airport_security": (
        "Security took forever.",
        "At security every bag had to be opened.",
        "Because of security we had to run to the gate.",
    ),
    # the same causes where they look different
    "queue@line": (
        "I was on hold for {minutes} minutes.",
        "I waited {minutes} minutes for an answer and then the line broke.",
        "I waited so long that I had time to make coffee and drink it.",
    ),
    "staff@line": (
        "Customer service interrupted me three times.",
        "I was answered as if I were a nuisance.",
        "I got a rude answer and then the call was ended.",
    ),
    "unclear_app@web": (
        "You cannot find your own booking on the site.",
        "The site speaks in codes I do not understand.",
        "The buttons had moved again.",
    ),
    "food@lounge": (
        "The bread was dry and the coffee lukewarm.",
        "There was nothing but sweets to eat.",
        "The soup had run out by ten.",
    ),
}
BLIND = (
    "Nobody could tell how one travels with a cat.", "I travelled with a dog and no place was reserved for it.",
    "The size of a pet carrier is not told anywhere.", "My dog had to wait on the field without water.",
)  # fmt: skip
FEEL = {
    "joy": ("It made me happy.", "I was still smiling at home.", "I told others about it gladly."),
    "trust": ("You can be trusted.", "I felt in good hands.", "My trust only grew."),
    "pride": (
        "I was proud of Finnish service.",
        "I told my friends about it with pride.",
        "I am glad to recommend this.",
    ),
    "appreciated": ("I felt appreciated.", "I was treated like a guest.", "It was good to be seen."),
    "relief": ("It was a great relief.", "I sighed with relief.", "A weight fell from my shoulders."),
    "calm": ("I felt at ease.", "For once I did not have to worry.", "Everything felt calm."),
    "surprise": ("I was pleasantly surprised.", "I did not expect it to be this good.", "It was a nice surprise."),
    "confusion": ("I was quite confused.", "I did not know what to do.", "I still do not know what to believe."),
    "disappointment": (
        "I was disappointed.",
        "I expected more of you.",
        "It is a pity, because I know you can do better.",
    ),
    "fear": ("I was frightened.", "I feared that we would not get home.", "The children were afraid, and so was I."),
    "embarrassment": ("I was embarrassed.", "I felt stupid.", "It was awkward to explain it to the others."),
    "anger": ("I am angry.", "It still makes me furious.", "I have not been this angry for a long time."),
    "sadness": ("It made me sad.", "I was close to tears.", "It left a sad memory."),
    "indifference": ("Nothing much to tell.", "Quite an ordinary experience.", "That was that."),
}
#: no feeling to speak of, after something bad
FEEL_FLAT = {
    "surprise": (
        "I was surprised, and not pleasantly.",
        "I did not expect this of you.",
        "I would not have believed it.",
    ),
    "indifference": (
        "I cannot even be bothered to get angry.",
        "I suppose it is all the same to you.",
        "I expected nothing else.",
    ),
}
#: a good feeling in spite of something bad
DESPITE = {
    "joy": ("All's well that ends well, though.", "Luckily I was in good company.", "It did not spoil the day."),
    "trust": ("I still trust you to put it right.", "You could be trusted before, and I still believe so."),
    "pride": ("A Finnish airline still matters to me.", "I hope to be proud of you again."),
    "appreciated": ("The one who helped me in the end was kind.", "The apology felt sincere."),
    "relief": ("Luckily it was sorted out in the end.", "It was a relief when it was over."),
    "calm": ("It was no great trouble.", "I stayed calm, but good it was not."),
}
#: after something bad, when the score is good all the same
OTHERWISE = (
    "Otherwise all went well.", "Otherwise I am happy with you.", "I recommend you all the same.", "On the whole it was still good.",
    "This does not usually happen.", "This once I forgive you.",
)  # fmt: skip
HARD = (
    "Otherwise it was not easy.", "I had to look for instructions too long.", "With other things I had to try many times.",
)  # fmt: skip
SLOW = ("Otherwise it could be a bit quicker.", "The rest of the service was slow.", "Elsewhere there was a wait.")
#: where and when: {on} weekday, {at} {origin} {to} places, {flight}, {hour}, {minutes}, {weeks}
FACT = {
    "air": (
        "I flew {on} {origin} {to}, flight {flight}.", "It was {on} on flight {flight} {origin} {to}.",
        "Flight {flight} left {origin} {on}.",
    ),
    "ground": ("It happened {on} {at}, the flight was {flight}.", "I was leaving {on} on {flight} {origin} {to}."),
    "place": ("I visited you {on} {at}.", "I was there {on} at {hour}."),
    "phone": ("I called {on} at {hour}.", "The call was {on} at {hour}."),
    "chat": ("I wrote in the chat {on} at {hour}.", "I got in touch {on} at {hour}."),
    "web": ("I was on your site {on} at {hour}.", "I was doing this {on} at {hour}."),
    "app": ("I opened the app {on} at {hour}.", "I was doing this on my phone {on}."),
    "paper": ("I read it {on}.", "I opened the message {on} at {hour}."),
    "claim": ("I made the claim {weeks} weeks ago.", "The flight was {weeks} weeks ago, {flight} {origin} {to}."),
    "home": ("I was at home all day {on}.", "The delivery was to be {on} at {hour}."),
}  # fmt: skip
WAITED = {
    "ground": ("I waited {minutes} minutes.", "It took {minutes} minutes."),
    "place": ("I waited {minutes} minutes for my turn.",),
    "phone": ("I was on hold for {minutes} minutes.",),
    "chat": ("I waited {minutes} minutes for an answer.",),
}
#: what we had promised, by cause
PROMISED = {
    "weather": ("At the gate they promised news every half an hour.", "Meal vouchers were promised and never came."),
    "technical_delay": (
        "They promised we would leave within half an hour.",
        "Meal vouchers were promised and never came.",
    ),
    "aisle_noise": ("I had paid for a seat that promised peace.",),
    "baggage": ("The bag was promised for the next day.", "You promised to call the same evening."),
    "invoice_wording": ("On the phone they promised that all was in order.",),
    "unclear_app": ("The instructions promised it would take a minute.",),
    "queue": ("The screen promised a wait of ten minutes.",),
    "price": ("The advertisement promised the same price all week.",),
    "refund": ("The money was promised in two weeks.", "Payment was promised by the end of the month."),
    "food": ("The booking promised a warm meal.",),
}
WHEN = (
    "I travelled alone.",
    "I flew with you for the first time.",
    "I have flown with you for years.",
    "It was the second time this year.",
)
WHEN_WORK = ("I was on a business trip.", "I was on my way to a meeting.", "I fly every week for work.")
WHEN_LEISURE = (
    "I was with my family.",
    "My old mother was with me.",
    "It was our honeymoon.",
    "The children were with us.",
)
DETAIL_GOOD = (
    "Nobody hurried us.", "I was told everything in time.", "I was served in my own language.", "A small gesture made a big difference.",
    "Everything worked as promised.", "They were kind even when busy.", "I was noticed at once.", "The children were thought of, too.",
)  # fmt: skip
DETAIL_GOOD_APART = (
    "Everything worked as promised.",
    "The words were easy to understand.",
    "There were no needless steps.",
    "I could do it in my own language.",
)
DETAIL_BAD = (
    "Nobody said sorry.", "There was no information.", "I had to find out everything myself.", "The same has happened before.",
    "It is still open.", "I got three different answers.",
)  # fmt: skip
DETAIL_BAD_AIR = (
    "Many of us were in the same situation.",
    "Not even water was offered.",
    "Nobody said sorry.",
    "There was no information.",
    "The announcements could not be heard.",
)
ASK = (
    "Tell me how you will mend this.", "I want to know what happened.", "An apology would be enough.", "Please put this right.",
    "I hope that somebody reads this.", "Look at it from the customer's side.", "I am not sure I will fly with you again.",
)  # fmt: skip
ASK_CONTACT = (
    "I hope that somebody calls me.",
    "Please get in touch with me.",
    "I expect an answer this week.",
    "Who is dealing with this? Please answer me.",
)
THANKS = (
    "Thank you!",
    "Warm thanks to everybody.",
    "Keep it up.",
    "Please pass on my thanks.",
    "I will surely come again.",
    "I recommend you to friends.",
)
IMPROVE = (
    "Tell us of delays at once, even before you know the reason.", "Give us one number that a person answers.", "Have more staff in the morning rush.",
    "Write the invoices in everyday words.", "Make the app simpler.", "Show the way to the gate more clearly.", "Remember the vegetarians.",
    "Give families a quiet section of their own.", "Call back when you promise to.", "Show the whole price from the start.",
    "Tell me where my bag is.", "Let the staff put things right on the spot.",
)  # fmt: skip
IMPROVE_WHY = (
    "It would save many nerves.", "A small change is enough.", "Then I would feel welcome.", "Others manage it.", "Everybody would gain from it.",
    "I would gladly pay for it.",
)  # fmt: skip
OBSERVE = (
    "Customers ask every day at the gate in which order to board.", "Many have lost the code of their bag tag.",
    "Elderly travellers are left standing at the machine.", "People call us daily about the wording of the invoice.",
    "Families ask whether they could wait elsewhere with children.", "Many think a machine answers in the chat.",
    "Nobody finds the attachment of the claim form.", "People with pets do not know where to go.",
)  # fmt: skip
OBSERVE_WHY = (
    "A sign would help.", "It could be mended in a week.", "I have said so before.", "The customer is hurt for nothing.",
    "My colleagues have noticed the same.", "I can help to mend it.",
)  # fmt: skip
EMPLOYEE_GOOD = (
    "I am proud of my work and my team.", "I feel appreciated.", "My manager thanked me in front of customers.",
    "I may solve the customer's matter myself.", "I am proud of how we helped each other.", "It is safe to say when something is wrong.",
    "Appreciated: my proposal was taken up.", "I loved teaching the new ones.",
)  # fmt: skip
EMPLOYEE_BAD = (
    "I am angry that the instructions change every week.", "I am embarrassed to explain things I cannot change.",
    "We are measured by the length of the call, not by the help.", "Nobody asks us anything.", "It is embarrassing to sell a promise that is not kept.",
    "Angry and tired: the shifts come too late.", "We are blamed for mistakes.", "I am embarrassed when the system fails in front of a customer.",
)  # fmt: skip
EMPLOYEE_WHY = (
    "It has been so all autumn.", "Customers notice it, too.", "I hope we can talk about it.", "Many in the team think so.",
    "You feel it in the morning already.", "Last month in particular.",
)  # fmt: skip
LOST = {
    "price": ("Another airline was cheaper.", "Prices rose too much."),
    "not_heard": ("I complained three times and nobody answered.", "Nobody ever asked why I left."),
    "broken_promise": ("The promised compensation never came.", "You promised a seat that was not there."),
    "schedule": ("The flight that suited me was dropped.", "The times no longer suited me."),
    "moved": ("I moved away from the airport.", "I no longer travel for work."),
}
