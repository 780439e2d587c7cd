"""What the company's agents write: letters to customers and notes to each other."""

from __future__ import annotations

from luotain.server.demo.company import Words, words

#: cause -> what it is answered as; what is not named is answered as itself
_AS = {
    "waiting": "queue", "digital": "unclear_app", "service": "staff", "information": "process", "partner": "promise",
    "aisle_noise": "quality", "food": "quality", "airport_security": "queue",
}  # fmt: skip
SUBJECT = words("Kiitos, kun kerroit | Tack för att du berättade | Thank you for telling us")
OPENING = (
    words("Hei, ja kiitos viestistäsi. | Hej, och tack för ditt meddelande. | Hello, and thank you for your message."),
    words("Hei! Luin palautteesi kahteen kertaan. | Hej! Jag läste din feedback två gånger. | Hello! I read your feedback twice."),
    words("Hyvä, että kerroit tästä meille. | Det var bra att du berättade det här för oss. | It is good that you told us about this."),
)  # fmt: skip
#: what was understood, and what has been done about it
BODY: dict[str, tuple[Words, ...]] = {
    "weather": (
        words("Sää teki päivästäsi raskaan. Säälle emme voi mitään, mutta tiedon olisit kuulunut saada heti. Siitä pyydän anteeksi. | Vädret gjorde din dag tung. Vädret rår vi inte på, men beskedet borde du ha fått genast. Det ber jag om ursäkt för. | The weather made your day a hard one. We cannot help the weather, but you should have been told at once. I am sorry for that."),
    ),
    "technical_delay": (
        words("Kone piti korjata ennen lähtöä, ja sinä jouduit odottamaan tietämättä, kuinka kauan. Pyydän sitä anteeksi. Olen kertonut portille, mitä sinulta jäi kuulematta. | Planet måste repareras före start, och du fick vänta utan att veta hur länge. Jag ber om ursäkt. Jag har berättat för gaten vad du inte fick veta. | The plane had to be repaired before departure, and you had to wait without knowing how long. I am sorry. I have told the gate what you were not told."),
        words("Lähtö myöhästyi meidän vikamme takia. Tarkistin, että sinulle kuuluva korvaus on maksussa. | Avgången försenades av ett fel hos oss. Jag har sett till att din ersättning betalas. | The departure was late because of a fault of ours. I have made sure that your compensation is being paid."),
    ),
    "baggage": (
        words("Olen pahoillani laukustasi. Soitin lentoasemalle, ja se on nyt matkalla luoksesi. | Jag beklagar det som hände med din väska. Jag ringde flygplatsen, och nu är den på väg till dig. | I am sorry about your bag. I called the airport, and it is on its way to you now."),
        words("Laukun kanssa meni pieleen, ja vielä enemmän siinä, ettei kukaan kertonut sinulle mitään. Korvaamme laukun, lähetä vain kuitti. | Det gick fel med din väska, och ännu mer fel när ingen berättade något. Vi ersätter väskan, skicka bara kvittot. | We went wrong with your bag, and even more so in telling you nothing. We will pay for the bag: just send the receipt."),
    ),
    "invoice_wording": (
        words("Et ole meille mitään velkaa, ja laskun sanat olivat väärät. Olen pahoillani. Kirjoitamme laskun uudestaan. | Du är inte skyldig oss något, och orden i fakturan var fel. Jag beklagar. Vi skriver om fakturan. | You owe us nothing, and the words of the invoice were wrong. I am sorry. We are rewriting the invoice."),
    ),
    "unclear_app": (
        words("Ei ollut sinun vikasi, että asia ei onnistunut. Hoidin sen nyt puolestasi ja kerroin kehittäjille, mihin jäit. | Det var inte ditt fel att det inte lyckades. Jag har nu gjort det åt dig och berättat för utvecklarna var du fastnade. | It was not your fault that it did not work. I have now done it for you and told our developers where you got stuck."),
    ),
    "queue": (
        words("Odotit aivan liian kauan. Pyydän sitä anteeksi. Olemme lisänneet väkeä ruuhkaisimpiin tunteihin. | Du väntade alldeles för länge. Jag ber om ursäkt. Vi har satt in mer personal under de livligaste timmarna. | You waited far too long. I am sorry. We have put more people on the busiest hours."),
        words("Aika on sinun, ja me haaskasimme sitä. Vein asian vuoropäällikölle, ja vuorolistaa muutetaan. | Tiden är din, och vi slösade bort den. Jag tog saken till skiftchefen, och skiftlistan ändras. | Your time is yours, and we wasted it. I took the matter to the shift manager, and the rota is being changed."),
    ),
    "staff": (
        words("Sinua olisi pitänyt kohdella toisin. Olen pahoillani. Esihenkilö on puhunut asiasta tiimin kanssa. | Du borde ha bemötts på ett annat sätt. Jag beklagar. Chefen har talat med teamet. | You should have been met differently. I am sorry. The manager has talked about it with the team."),
    ),
    "price": (
        words("Ymmärrän, että hinta tuntui epäreilulta. Kävin laskun läpi ja palautin erotuksen. | Jag förstår att priset kändes orättvist. Jag gick igenom fakturan och betalade tillbaka skillnaden. | I understand that the price felt unfair. I went through the invoice and paid back the difference."),
        words("Hinta olisi pitänyt kertoa kokonaan heti alussa. Siinä olet oikeassa, ja olen pahoillani. | Hela priset borde ha synts genast. Där har du rätt, och jag beklagar. | The whole price should have been told at once. You are right in that, and I am sorry."),
    ),
    "refund": (
        words("Rahojesi olisi pitänyt tulla jo aikoja sitten. Panin ne maksuun tänään, ja ne ovat tililläsi kahdessa pankkipäivässä. | Dina pengar borde ha kommit för länge sedan. Jag betalade ut dem i dag, och de är på ditt konto inom två bankdagar. | Your money should have come long ago. I paid it out today, and it will be in your account in two banking days."),
    ),
    "promise": (
        words("Lupasimme, emmekä pitäneet lupausta. Olen pahoillani. Otin asian hoitaakseni ja vien sen loppuun. | Vi lovade och höll inte löftet. Jag beklagar. Jag har tagit mig an saken och för den i mål. | We promised and did not keep the promise. I am sorry. I have taken the matter on and will see it through."),
    ),
    "process": (
        words("Teimme asiasta hankalan, ja sinä jouduit selvittämään sen itse. Olen pahoillani. Nyt se on kunnossa. | Vi gjorde saken krånglig, och du fick reda ut den själv. Jag beklagar. Nu är den i ordning. | We made it complicated, and you had to work it out yourself. I am sorry. It is in order now."),
    ),
    "quality": (
        words("Tuo ei ollut sitä, mitä sinulle kuului. Olen pahoillani. Kerroin asiasta heille, jotka voivat sen korjata. | Det där var inte vad du hade rätt att få. Jag beklagar. Jag har berättat för dem som kan rätta till det. | That was not what you should have had. I am sorry. I have told those who can mend it."),
    ),
}  # fmt: skip
GIFT = (
    words("Mukana on pieni lahja, josta toivottavasti on iloa. Se ei korvaa tapahtunutta. | Med följer en liten gåva som jag hoppas gläder. Den ersätter inte det som hände. | With this comes a small gift that I hope you will enjoy. It does not make up for what happened."),
    words("Haluamme kiittää sinua pienellä lahjalla. | Vi vill tacka dig med en liten gåva. | We would like to thank you with a small gift."),
)  # fmt: skip
CLOSING = words(
    "Jos jokin jäi auki, vastaa suoraan minulle. | Svara mig direkt om något är öppet. | If anything is left open, answer me directly."
)
SIGNED = words("Terveisin | Hälsningar | Kind regards")
SERVICE = words("Kurjen asiakaspalvelu | Kurkis kundtjänst | Kurki customer service")

NOTE = {
    "fi": (
        "Soitin asiakkaalle, puhelu kesti 10 minuuttia. Tärkeintä hänelle oli, että joku kuunteli.",
        "Ei vastannut puhelimeen, kirjoitan viestin.",
        "Tarkistin varauksen: asiakas on oikeassa.",
        "Kysyin tiimiltä, mitä tapahtui. Sama asia on noussut esiin tällä viikolla kolmesti.",
        "Asiakas ei halua korvausta vaan selityksen.",
        "Odotan tietoa yksiköstä, lupasin palata asiaan huomenna.",
    ),
    "sv": (
        "Ringde kunden, samtalet tog 10 minuter. Viktigast var att någon lyssnade.",
        "Svarade inte i telefon, jag skriver ett meddelande.",
        "Kontrollerade bokningen: kunden har rätt.",
        "Frågade teamet vad som hände. Samma sak har kommit fram tre gånger den här veckan.",
        "Kunden vill inte ha ersättning utan en förklaring.",
        "Väntar på besked från enheten, lovade återkomma i morgon.",
    ),
}


def letter(language: str, cause: str, *, agent: str, gift: bool, die: int) -> tuple[str, str]:
    """Return subject and text of an agent's letter.

    Parameters
    ----------
    cause : code of what went wrong, "" when it is not known.
    agent : the name of who signs.
    gift : whether a gift comes with it.
    die : chooses among the ways of saying it.
    """
    bodies = BODY.get(_AS.get(cause, cause), BODY["process"])
    said = [OPENING[die % len(OPENING)], bodies[die // 3 % len(bodies)]]
    if gift:
        said.append(GIFT[die // 6 % len(GIFT)])
    said.append(CLOSING)
    text = " ".join(part[language] for part in said)
    return SUBJECT[language], f"{text}\n\n{SIGNED[language]}\n{agent}\n{SERVICE[language]}"


def note(language: str, die: int) -> str:
    """Return what an agent writes to colleagues."""
    notes = NOTE.get(language, NOTE["fi"])
    return notes[die % len(notes)]
