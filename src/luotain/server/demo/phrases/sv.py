"""Swedish phrases, as they are written in Finland."""

PRAISE = {
    "newsletter": (
        "Nyhetsbrevet var för en gångs skull skrivet till en människa.",
        "Jag fick en fin idé till vårens resa i brevet.",
    ),
    "travel_fair": ("På resemässan hade er personal tid att lyssna.", "På mässan fick jag fråga allt utan brådska."),
    "inspiration": (
        "Sidorna med reseidéer fick mig att drömma.",
        "Bilderna och tipsen på sidorna var både vackra och nyttiga.",
    ),
    "flight_search": ("Flygsökningen hittade genast en bra tur.", "Sökningen var snabb och priserna ärliga."),
    "travel_shop": (
        "I resebutiken togs jag emot som en gammal bekant.",
        "Experten i butiken hittade en lösning som jag inte visste att fanns.",
    ),
    "holiday_advice": (
        "Rådgivaren frågade först hurdana resor jag tycker om.",
        "Rådgivningen var sakkunnig och vänlig.",
    ),
    "web_booking": ("Bokningen på webben gick på några minuter.", "Det fanns inga överraskningar i bokningen."),
    "phone_booking": ("Bokningen sköttes med ett enda samtal.", "I telefonen svarade en människa som kunde sin sak."),
    "payment_bank": (
        "Betalningen i banken gick igenom på första försöket.",
        "Det var lätt att komma tillbaka från bankens sida.",
    ),
    "confirmation": (
        "Bekräftelsen kom genast och allt fanns med.",
        "I bekräftelsen stod det tydligt vad jag ska göra härnäst.",
    ),
    "terms": ("Villkoren gick faktiskt att förstå.", "Jag hittade snabbt svar i villkoren."),
    "app_checkin": ("Incheckningen i appen tog under en minut.", "Appen påminde mig i precis rätt tid."),
    "checkin_desk": ("I incheckningen blev jag sedd genast.", "Vid disken ordnade de platser bredvid varandra åt oss."),
    "bag_drop": ("Att lämna bagaget gick på ett ögonblick.", "Jag fick vänlig hjälp vid bagageinlämningen."),
    "lounge": ("Loungen var lugn och maten färsk.", "Värden i loungen mindes mig från förra gången."),
    "gate": ("Ombordstigningen gick lugnt och smidigt.", "Vid gaten berättade de tydligt vad som händer."),
    "cabin_crew": ("Kabinpersonalen var verkligen närvarande.", "Personalen hjälpte innan jag hann be."),
    "meal": ("Maten var varm och god.", "Maten var bättre än jag vågade vänta mig."),
    "seat": ("Sätet var rent och det fanns plats för benen.", "Jag fick en fin plats vid fönstret."),
    "entertainment": ("Wifi fungerade under hela flygningen.", "Filmutbudet var stort och nordiskt."),
    "transfer": ("Anslutningen lyckades trots kort tid.", "Någon mötte oss och visade vägen till nästa plan."),
    "baggage_claim": ("Väskan kom på bandet före mig.", "Skyltarna i bagagehallen var tydliga."),
    "courier": ("Budet hämtade väskan hem på utsatt tid.", "Transporten hem var omsorgsfullt ordnad."),
    "invoice": ("Fakturan var tydlig och summorna stämde.", "Man såg genast vad fakturan gällde."),
    "reminder": ("Påminnelsen var artig och saklig.", "Påminnelsen berättade vänligt hur man gör."),
    "service_phone": ("Kundtjänsten löste mitt ärende på ett samtal.", "I telefonen lyssnade man på mig till slut."),
    "service_chat": ("I chatten fick jag svar på några minuter.", "Det var en riktig människa i chatten."),
    "claim": ("Min ansökan behandlades snabbt.", "Beslutet om ersättning motiverades begripligt."),
    "points": ("Det var lätt att använda poängen.", "Förmånerna känns som om ni känner mig."),
    "member_evening": ("Medlemskvällen hade en varm stämning.", "Jag fick prata med en pilot och det minns jag länge."),
    "relationship": ("Kurki är ett naturligt val år efter år.", "Jag har flugit länge med er och av god orsak."),
}
BLAME = {
    "newsletter": (
        "Det kommer för många nyhetsbrev och inget gäller mig.",
        "Erbjudandet i brevet fanns inte någonstans.",
    ),
    "travel_fair": ("På mässan hade ingen tid att prata med mig.", "På mässan delades bara broschyrer ut."),
    "inspiration": (
        "Det går inte att boka det som visas bland reseidéerna.",
        "Sidorna laddades långsamt och bilderna hoppade.",
    ),
    "flight_search": ("Sökningen visade flyg som inte gick att boka.", "Priset ändrades mitt i sökningen."),
    "travel_shop": (
        "I resebutiken frågade man bara efter min budget.",
        "Jag fick vänta länge i butiken fast den var tom.",
    ),
    "holiday_advice": (
        "Rådgivaren bjöd ut samma paket som till alla andra.",
        "Råden var fel, vilket vi märkte först på plats.",
    ),
    "web_booking": ("Bokningen bröts just före betalningen.", "Man fick gissa vad som ingår i priset."),
    "phone_booking": ("Jag fick berätta mitt ärende tre gånger.", "Platsen jag lovades syntes inte i bokningen."),
    "payment_bank": (
        "Betalningsmottagaren var en bank som jag inte kände igen.",
        "Betalningen misslyckades men pengarna drogs ändå.",
    ),
    "confirmation": ("Bekräftelsen kom först nästa dag.", "Mitt namn var felskrivet i bekräftelsen."),
    "terms": ("Villkoren är skrivna på juristspråk.", "Det framgick inte vad som händer om jag blir sjuk."),
    "app_checkin": ("Det gick inte att checka in i appen.", "Appen loggade ut mig mitt i incheckningen."),
    "checkin_desk": ("Ingen hälsade vid disken.", "Bara en disk var öppen."),
    "bag_drop": ("Automaten kände inte igen bokningen.", "Ingen hjälpte till vid bagageinlämningen."),
    "lounge": ("Det fanns inga sittplatser i loungen.", "Maten i loungen var slut redan på morgonen."),
    "gate": ("Ombordstigningen var ett enda virrvarr.", "Gaten byttes två gånger utan att någon berättade."),
    "cabin_crew": ("Ingen i kabinen svarade när vi kallade.", "Personalen pratade med varandra och såg oss inte."),
    "meal": ("Maten var kall i mitten.", "Rätten jag valde tog slut före min rad."),
    "seat": ("Sätet var trasigt och gick inte att fälla upp.", "Platsen jag bokat hade getts åt någon annan."),
    "entertainment": ("Wifi fungerade inte fast vi betalade för det.", "Skärmen var svart hela flygningen."),
    "transfer": ("Anslutningsflyget for utan oss.", "Ingen visste vart vi skulle gå."),
    "baggage_claim": ("Vi väntade nästan en timme på väskorna.", "I bagagehallen fick vi ingen information."),
    "courier": ("Budet kom inte på utsatt dag.", "Väskan lämnades i regnet utanför dörren."),
    "invoice": ("Fakturan kom två gånger.", "Summan på fakturan var inte den vi kommit överens om."),
    "reminder": ("Jag fick en påminnelse om en faktura som jag redan betalat.", "Tonen i påminnelsen var hotfull."),
    "service_phone": ("Kundtjänsten kopplade mig från nummer till nummer.", "Samtalet bröts och ingen ringde upp."),
    "service_chat": ("Chatten upprepade samma svar.", "Svaret som lovades i chatten kom aldrig."),
    "claim": ("Ingen har svarat på min ansökan på sex veckor.", "Ersättningen avslogs utan motivering."),
    "points": ("Mina poäng försvann utan förklaring.", "Förmånerna kan inte användas när man behöver dem."),
    "member_evening": ("På kvällen talades bara om nya avgifter.", "Fler var inbjudna än som rymdes."),
    "relationship": ("Jag känner mig som ett bokningsnummer.", "Kurki är inte längre bolaget jag valde."),
}
CAUSE = {
    "weather": (
        "Flyget ställdes in på grund av snöstorm.",
        "Dimman försenade avgången med flera timmar.",
        "Vi fick flyga runt åskan och blev sena.",
    ),
    "technical_delay": (
        "Planet hade ett tekniskt fel och vi väntade i över tre timmar.",
        "Avgången försenades av en teknisk orsak som ingen kunde förklara.",
        "Vi satt en timme i planet medan det reparerades.",
    ),
    "aisle_noise": (
        "Barn sprang i mittgången hela flygningen och ingen ingrep.",
        "Sällskapet bakom oss förde så mycket oväsen att ingen kunde sova.",
        "Barn lekte kull i gången och mitt kaffe spilldes.",
    ),
    "baggage": ("Min väska blev efter.", "Väskan kom fram utan hjul.", "Bagaget var borta i tre dagar."),
    "invoice_wording": (
        "På fakturan stod ”er nuvarande skuld” fast jag betalat allt i tid.",
        "Med fakturan kom en broschyr om avbetalning med 29 procents ränta.",
        "Fakturan var skriven som till en gäldenär.",
    ),
    "unclear_app": (
        "I appen hittar man inte sin egen bokning.",
        "Appen talar i koder som jag inte förstår.",
        "Knapparna i appen byter plats i varje version.",
    ),
    "queue": (
        "Vi stod i kö i {minutes} minuter.",
        "Kön rörde sig inte på {minutes} minuter.",
        "Jag köade så länge att jag nästan missade flyget.",
    ),
    "staff": (
        "Tjänstemannen snäste åt mig så att alla hörde.",
        "Jag fick svar utan en blick.",
        "Min fråga besvarades med en axelryckning.",
    ),
    "food": (
        "Det fanns ingen vegetarisk mat fast jag hade beställt.",
        "Brödet var torrt och kaffet ljummet.",
        "Maten smakade papp.",
    ),
    "price": (
        "Priset fördubblades på en kväll.",
        "Väska, plats och allt annat kostade extra.",
        "En annan betalade hälften för samma resa.",
    ),
    "refund": (
        "Ersättningen ni lovade har inte synts till.",
        "Jag har väntat två månader på mina pengar.",
        "Ärendet är under behandling, får man alltid höra.",
    ),
    "airport_security": (
        "Säkerhetskontrollen tog en evighet.",
        "I säkerhetskontrollen måste alla väskor öppnas.",
        "På grund av säkerhetskontrollen fick vi springa till gaten.",
    ),
    # the same causes where they look different
    "queue@line": (
        "Jag satt i telefonkö i {minutes} minuter.",
        "Jag väntade på svar i {minutes} minuter och sedan bröts förbindelsen.",
        "Jag köade så länge att jag hann koka kaffe och dricka upp det.",
    ),
    "staff@line": (
        "Kundtjänsten avbröt mig tre gånger.",
        "Jag fick svar som om jag hade stört.",
        "Jag fick ett otrevligt svar och sedan avslutades samtalet.",
    ),
    "unclear_app@web": (
        "På sidorna hittar man inte sin egen bokning.",
        "Sidorna talar i koder som jag inte förstår.",
        "Knapparna hade bytt plats igen.",
    ),
    "food@lounge": (
        "Brödet var torrt och kaffet ljummet.",
        "Det fanns bara sött att äta.",
        "Soppan var slut redan klockan tio.",
    ),
}
BLIND = (
    "Ingen kunde berätta hur man reser med katt.", "Jag reste med hund och ingen plats var reserverad.",
    "Måtten på burar för husdjur finns ingenstans.", "Min hund fick vänta på fältet utan vatten.",
)  # fmt: skip
FEEL = {
    "joy": ("Jag blev glad.", "Jag log ännu hemma.", "Jag berättade glatt om det för andra."),
    "trust": ("Man kan lita på er.", "Jag kände mig i goda händer.", "Mitt förtroende blev bara starkare."),
    "pride": (
        "Jag var stolt över finländsk service.",
        "Jag berättade stolt om det för vänner.",
        "Det här vågar man rekommendera.",
    ),
    "appreciated": ("Jag kände mig uppskattad.", "Jag bemöttes som en gäst.", "Det var fint att bli sedd."),
    "relief": ("Lättnaden var stor.", "Jag drog en lättnadens suck.", "En sten föll från hjärtat."),
    "calm": ("Jag kände mig lugn.", "För en gångs skull behövde jag inte vara nervös.", "Allt kändes lugnt."),
    "surprise": ("Jag blev glatt överraskad.", "Så bra hade jag inte väntat mig.", "Det var en trevlig överraskning."),
    "confusion": (
        "Jag blev helt förvirrad.",
        "Jag visste inte vad jag skulle göra.",
        "Jag vet fortfarande inte vad jag ska tro.",
    ),
    "disappointment": (
        "Jag blev besviken.",
        "Jag väntade mig mer av er.",
        "Det är synd, för jag vet att ni kan bättre.",
    ),
    "fear": ("Jag var rädd.", "Jag var rädd att vi inte skulle komma hem.", "Barnen var rädda och det var jag också."),
    "embarrassment": ("Jag skämdes.", "Jag kände mig dum.", "Det var pinsamt att förklara det för andra."),
    "anger": ("Jag är arg.", "Jag är fortfarande upprörd.", "Jag har inte varit så här arg på länge."),
    "sadness": ("Det kändes sorgligt.", "Gråten var nära.", "Det lämnade ett sorgligt minne."),
    "indifference": ("Det är inget särskilt att berätta.", "En helt vanlig upplevelse.", "Så var det med det."),
}
#: no feeling to speak of, after something bad
FEEL_FLAT = {
    "surprise": (
        "Jag blev överraskad, och inte glatt.",
        "Det här väntade jag mig inte av er.",
        "Det hade jag inte trott.",
    ),
    "indifference": ("Jag orkar inte ens bli arg.", "För er är det väl detsamma.", "Jag väntade mig inget annat."),
}
#: a good feeling in spite of something bad
DESPITE = {
    "joy": ("Slutet gott, allting gott ändå.", "Sällskapet var som tur var gott.", "Dagen blev ändå inte förstörd."),
    "trust": ("Jag litar ändå på att ni rättar till det.", "Förr kunde man lita på er, och det tror jag ännu."),
    "pride": ("Ett inhemskt bolag är ändå viktigt för mig.", "Jag hoppas att få vara stolt över er igen."),
    "appreciated": ("Den som till slut hjälpte mig var vänlig.", "Ursäkten kändes äkta."),
    "relief": ("Som tur var löste det sig till slut.", "Det var en lättnad när det var över."),
    "calm": ("Någon större nöd var det inte.", "Jag tog det lugnt, men bra var det inte."),
}
#: after something bad, when the score is good all the same
OTHERWISE = (
    "Annars gick allt bra.", "Annars är jag nöjd med er.", "Jag rekommenderar er ändå.", "Helheten var ändå på plus.",
    "Sådant brukar inte hända.", "Den här gången förlåter jag er.",
)  # fmt: skip
HARD = (
    "Annars var det inte lätt att sköta ärendet.", "Man fick leta efter anvisningar för länge.", "I andra ärenden fick jag försöka många gånger.",
)  # fmt: skip
SLOW = ("Annars kunde det gå lite raskare.", "I övrigt var servicen långsam.", "På andra ställen fick man vänta.")
#: where and when: {on} weekday, {at} {origin} {to} places, {flight}, {hour}, {minutes}, {weeks}
FACT = {
    "air": (
        "Jag flög {on} {origin} {to}, flyg {flight}.", "Det var {on} på flyg {flight} {origin} {to}.",
        "Flyg {flight} lyfte {on} {origin}.",
    ),
    "ground": ("Det hände {on} {at}, flyget var {flight}.", "Jag skulle {on} resa med {flight} {origin} {to}."),
    "place": ("Jag besökte er {on} {at}.", "Jag var på plats {on} klockan {hour}."),
    "phone": ("Jag ringde {on} klockan {hour}.", "Samtalet var {on} klockan {hour}."),
    "chat": ("Jag skrev i chatten {on} klockan {hour}.", "Jag tog kontakt {on} klockan {hour}."),
    "web": ("Jag var på era sidor {on} klockan {hour}.", "Jag skötte ärendet {on} klockan {hour}."),
    "app": ("Jag öppnade appen {on} klockan {hour}.", "Jag skötte ärendet i telefonen {on}."),
    "paper": ("Jag läste det {on}.", "Jag öppnade meddelandet {on} klockan {hour}."),
    "claim": ("Jag lämnade in ansökan för {weeks} veckor sedan.", "Flyget var för {weeks} veckor sedan, {flight} {origin} {to}."),
    "home": ("Jag var hemma hela dagen {on}.", "Leveransen skulle ske {on} klockan {hour}."),
}  # fmt: skip
WAITED = {
    "ground": ("Jag väntade i {minutes} minuter.", "Det tog {minutes} minuter."),
    "place": ("Jag väntade på min tur i {minutes} minuter.",),
    "phone": ("Jag väntade på linjen i {minutes} minuter.",),
    "chat": ("Jag väntade på svar i {minutes} minuter.",),
}
#: what we had promised, by cause
PROMISED = {
    "weather": ("Vid gaten lovades besked varje halvtimme.", "Vi lovades matkuponger, men de kom aldrig."),
    "technical_delay": ("Vi lovades avgång inom en halvtimme.", "Vi lovades matkuponger, men de kom aldrig."),
    "aisle_noise": ("Jag betalade för en plats där det lovades lugn och ro.",),
    "baggage": ("Väskan lovades till nästa dag.", "Ni lovade ringa samma kväll."),
    "invoice_wording": ("I telefonen lovades att saken är i ordning.",),
    "unclear_app": ("I anvisningen lovades att det går på en minut.",),
    "queue": ("Skärmen lovade tio minuters väntan.",),
    "price": ("Reklamen lovade samma pris hela veckan.",),
    "refund": ("Pengarna lovades inom två veckor.", "Betalningen lovades före månadens slut."),
    "food": ("I bokningen lovades en varm måltid.",),
}
WHEN = (
    "Jag reste ensam.",
    "Jag flög med er för första gången.",
    "Jag har flugit med er i åratal.",
    "Det var redan andra gången i år.",
)
WHEN_WORK = ("Jag var på tjänsteresa.", "Jag var på väg till ett möte.", "Jag flyger varje vecka i arbetet.")
WHEN_LEISURE = ("Jag reste med familjen.", "Min gamla mor var med.", "Det var vår bröllopsresa.", "Barnen var med.")
DETAIL_GOOD = (
    "Ingen jäktade oss.", "Jag fick veta allt i tid.", "Jag fick service på mitt eget språk.", "En liten gest gjorde stor skillnad.",
    "Allt fungerade som utlovat.", "Vänligheten syntes också i brådskan.", "Jag blev sedd genast.", "Också barnen togs i beaktande.",
)  # fmt: skip
DETAIL_GOOD_APART = (
    "Allt fungerade som utlovat.",
    "Texten var lätt att förstå.",
    "Det fanns inga onödiga steg.",
    "Jag fick sköta saken på mitt eget språk.",
)
DETAIL_BAD = (
    "Ingen bad om ursäkt.", "Det gick inte att få information.", "Jag fick reda ut allt själv.", "Samma sak har hänt förr.",
    "Saken är fortfarande öppen.", "Jag fick tre olika svar.",
)  # fmt: skip
DETAIL_BAD_AIR = (
    "Vi var många i samma situation.",
    "Inte ens vatten bjöds.",
    "Ingen bad om ursäkt.",
    "Det gick inte att få information.",
    "Utropen kom bara på engelska.",
)
ASK = (
    "Berätta hur ni rättar till det här.", "Jag vill veta vad som hände.", "En ursäkt skulle räcka.", "Ordna upp det här.",
    "Jag hoppas att någon läser detta.", "Tänk på det ur kundens synvinkel.", "Jag vet inte om jag flyger med er mer.",
)  # fmt: skip
ASK_CONTACT = (
    "Jag hoppas att någon ringer mig.",
    "Ta kontakt med mig.",
    "Jag väntar på svar den här veckan.",
    "Vem sköter det här? Svara mig.",
)
THANKS = (
    "Tack!",
    "Ett varmt tack till alla.",
    "Fortsätt så.",
    "Hälsa och tacka dem.",
    "Jag kommer säkert igen.",
    "Jag rekommenderar er åt vänner.",
)
IMPROVE = (
    "Berätta om förseningar genast, fast ni inte vet orsaken.", "Ge oss ett nummer där en människa svarar.", "Ha mer personal i morgonrusningen.",
    "Skriv fakturorna på vanlig svenska.", "Gör appen enklare.", "Visa vägen till gaten tydligare.", "Kom ihåg vegetarianerna.",
    "Ge familjer en egen lugn avdelning.", "Ring upp när ni lovar det.", "Visa hela priset från början.", "Berätta var min väska är.",
    "Låt personalen gottgöra genast.",
)  # fmt: skip
IMPROVE_WHY = (
    "Det skulle spara mångas nerver.", "En liten ändring räcker.", "Då skulle jag känna mig välkommen.", "Andra klarar av det.",
    "Alla skulle ha nytta av det.", "Det betalar jag gärna för.",
)  # fmt: skip
OBSERVE = (
    "Kunderna frågar varje dag vid gaten i vilken ordning man stiger på.", "Många har inte koden till bagagelappen kvar.",
    "Äldre resenärer blir stående framför automaten.", "Folk ringer dagligen om ordvalen i fakturan.",
    "Familjer frågar om man kan vänta någon annanstans med barn.", "Många tror att det är en maskin som svarar i chatten.",
    "Ingen hittar bilagan till ersättningsansökan.", "De som reser med husdjur vet inte vart de ska gå.",
)  # fmt: skip
OBSERVE_WHY = (
    "En skylt skulle hjälpa.", "Det kan rättas till på en vecka.", "Jag har berättat om det förr.", "Kunden tar illa vid sig i onödan.",
    "Kollegerna har märkt samma sak.", "Jag är gärna med och rättar till det.",
)  # fmt: skip
EMPLOYEE_GOOD = (
    "Jag är stolt över mitt arbete och mitt team.", "Jag känner mig uppskattad.", "Chefen tackade mig så att kunderna hörde.",
    "Jag får själv lösa kundens ärende.", "Jag är stolt över hur vi hjälpte varandra.", "Här är det tryggt att säga om något är fel.",
    "Uppskattad: mitt förslag togs i bruk.", "Jag blev ivrig när jag fick lära upp nya.",
)  # fmt: skip
EMPLOYEE_BAD = (
    "Jag är arg för att anvisningarna byts varje vecka.", "Jag skäms när jag förklarar sådant som jag inte kan påverka.",
    "Vi mäts med samtalets längd, inte med hjälpen.", "Ingen frågar oss någonting.", "Det är pinsamt att sälja löften som inte hålls.",
    "Arg och trött: skiftena kommer för sent.", "Man blir anklagad för misstag.", "Det är pinsamt när systemet kraschar framför kunden.",
)  # fmt: skip
EMPLOYEE_WHY = (
    "Så har det varit hela hösten.", "Det märker också kunderna.", "Jag hoppas att vi talar om det.", "Många i teamet tycker så.",
    "Man märker det redan på morgonen.", "Särskilt förra månaden.",
)  # fmt: skip
LOST = {
    "price": ("Ett annat bolag var billigare.", "Priserna steg för mycket."),
    "not_heard": ("Jag klagade tre gånger och ingen svarade.", "Ingen frågade någonsin varför jag slutade."),
    "broken_promise": ("Ersättningen som lovades kom aldrig.", "Ni lovade en plats som inte fanns."),
    "schedule": ("Den tur som passade mig lades ned.", "Tiderna passade inte längre."),
    "moved": ("Jag flyttade bort från flygplatsen.", "Jag reser inte längre i jobbet."),
}
