"""Finnish phrases: every form is written out, so that no sentence is bent by a machine."""

PRAISE = {
    "newsletter": (
        "Uutiskirje oli kerrankin kirjoitettu ihmiselle eikä kohderyhmälle.",
        "Sain kirjeestä hyvän idean kevään matkaan.",
    ),
    "travel_fair": ("Matkamessuilla osastonne väki jaksoi kuunnella.", "Messuilla sain kysyä kaiken ilman kiirettä."),
    "inspiration": (
        "Matkaideasivut saivat minut haaveilemaan pitkästä aikaa.",
        "Sivujen kuvat ja vinkit olivat kauniita ja hyödyllisiä.",
    ),
    "flight_search": ("Lentojen haku löysi heti sopivan vuoron.", "Haku oli nopea ja hinnat näkyivät rehellisesti."),
    "travel_shop": (
        "Matkamyymälässä minut otettiin vastaan kuin vanha tuttu.",
        "Myymälän asiantuntija löysi ratkaisun, jota en osannut pyytää.",
    ),
    "holiday_advice": (
        "Lomaneuvoja kyseli ensin, millaisesta matkasta pidän.",
        "Neuvonta oli asiantuntevaa ja ystävällistä.",
    ),
    "web_booking": ("Varaaminen verkossa sujui muutamassa minuutissa.", "Varauksessa ei ollut yhtään yllätystä."),
    "phone_booking": ("Puhelinvaraus hoitui yhdellä soitolla.", "Puhelimessa oli ihminen, joka tiesi mistä puhui."),
    "payment_bank": (
        "Maksu pankissa meni läpi ensimmäisellä yrityksellä.",
        "Pankin sivulta pääsi sujuvasti takaisin varaukseen.",
    ),
    "confirmation": (
        "Varausvahvistus tuli heti ja siinä oli kaikki tarvittava.",
        "Vahvistuksessa kerrottiin selvästi, mitä teen seuraavaksi.",
    ),
    "terms": ("Matkaehdot olivat tällä kertaa ymmärrettävää suomea.", "Ehdoista löytyi nopeasti vastaus kysymykseeni."),
    "app_checkin": (
        "Lähtöselvitys sovelluksessa vei alle minuutin.",
        "Sovellus muistutti lähtöselvityksestä juuri oikeaan aikaan.",
    ),
    "checkin_desk": ("Lähtöselvityksessä minut huomattiin heti.", "Tiskillä järjestettiin meille paikat vierekkäin."),
    "bag_drop": ("Laukun jättö kävi hetkessä.", "Laukun jätössä neuvottiin ystävällisesti."),
    "lounge": ("Loungessa oli rauhallista ja tarjoilu oli tuoretta.", "Loungen isäntä muisti minut viime kerralta."),
    "gate": ("Koneeseen nousu oli sujuva ja rauhallinen.", "Portilla kerrottiin selvästi, missä mennään."),
    "cabin_crew": ("Matkustamohenkilökunta oli aidosti läsnä.", "Henkilökunta auttoi, ennen kuin ehdin pyytää."),
    "meal": ("Ateria oli lämmin ja maistuva.", "Ruoka oli parempaa kuin uskalsin odottaa."),
    "seat": ("Istuin oli siisti ja jalkatilaa riitti.", "Sain hyvän paikan ikkunan vierestä."),
    "entertainment": ("Wifi toimi koko lennon ajan.", "Elokuvavalikoima oli laaja ja pohjoismainen."),
    "transfer": ("Jatkoyhteys onnistui, vaikka aikaa oli vähän.", "Meitä oltiin vastassa ja ohjattiin jatkolennolle."),
    "baggage_claim": ("Laukku tuli hihnalle ennen minua.", "Matkatavarahallissa oli selkeät opasteet."),
    "courier": ("Lähetti toi laukun kotiovelle sovittuun aikaan.", "Laukun kuljetus kotiin oli järjestetty huolella."),
    "invoice": ("Lasku oli selkeä ja summat täsmäsivät.", "Laskusta näki heti, mistä olen maksamassa."),
    "reminder": (
        "Muistutus oli kohtelias ja asiallinen.",
        "Muistutuksessa kerrottiin ystävällisesti, miten asian voi hoitaa.",
    ),
    "service_phone": (
        "Asiakaspalvelu ratkaisi asiani yhdellä puhelulla.",
        "Puhelimessa minua kuunneltiin loppuun asti.",
    ),
    "service_chat": ("Chatissa sain vastauksen muutamassa minuutissa.", "Chatin toisessa päässä oli oikea ihminen."),
    "claim": ("Korvaushakemus käsiteltiin nopeasti.", "Korvausasiassa päätös perusteltiin ymmärrettävästi."),
    "points": ("Pisteiden käyttäminen oli helppoa.", "Edut tuntuvat siltä, että minut tunnetaan."),
    "member_evening": ("Jäsenillassa oli lämmin tunnelma.", "Illassa sain jutella lentäjän kanssa, ja se jäi mieleen."),
    "relationship": (
        "Kurki on minulle luonteva valinta vuodesta toiseen.",
        "Olen lentänyt teillä pitkään, ja hyvästä syystä.",
    ),
}
BLAME = {
    "newsletter": (
        "Uutiskirjeitä tulee liikaa eikä mikään niistä koske minua.",
        "Kirjeessä luvattua tarjousta ei löytynyt mistään.",
    ),
    "travel_fair": ("Messuilla kukaan ei ehtinyt puhua kanssani.", "Messuosastolla jaettiin vain esitteitä."),
    "inspiration": (
        "Matkaideasivuilta ei pääse varaamaan sitä, mitä niillä esitellään.",
        "Sivut latautuivat hitaasti ja kuvat hyppivät.",
    ),
    "flight_search": ("Lentojen haku näytti vuoroja, joita ei voinut varata.", "Hinta muuttui kesken haun."),
    "travel_shop": (
        "Matkamyymälässä minulta kysyttiin vain budjettia.",
        "Myymälässä piti odottaa pitkään, vaikka muita asiakkaita ei ollut.",
    ),
    "holiday_advice": (
        "Lomaneuvoja tarjosi samaa pakettia kuin kaikille muillekin.",
        "Neuvoissa oli virheitä, jotka selvisivät vasta perillä.",
    ),
    "web_booking": (
        "Varaus verkossa katkesi juuri ennen maksamista.",
        "Varaussivuilla joutui arvaamaan, mitä hintaan kuuluu.",
    ),
    "phone_booking": (
        "Puhelinvarauksessa jouduin kertomaan asiani kolmesti.",
        "Puhelimessa luvattu paikka ei näkynyt varauksessa.",
    ),
    "payment_bank": (
        "Maksunsaajana näkyi outo pankki, jota en tunnistanut.",
        "Maksu pankissa epäonnistui, mutta raha lähti silti tililtä.",
    ),
    "confirmation": ("Varausvahvistus tuli vasta seuraavana päivänä.", "Vahvistuksessa nimeni oli kirjoitettu väärin."),
    "terms": (
        "Matkaehdot ovat juristien kieltä, josta ei saa selvää.",
        "Ehdoista ei löytynyt, mitä käy jos sairastun.",
    ),
    "app_checkin": (
        "Lähtöselvitys sovelluksessa ei onnistunut.",
        "Sovellus kirjasi minut ulos kesken lähtöselvityksen.",
    ),
    "checkin_desk": ("Lähtöselvitystiskillä ei tervehditty.", "Tiskillä oli vain yksi virkailija auki."),
    "bag_drop": ("Laukun jätössä automaatti ei tunnistanut varausta.", "Laukun jätössä kukaan ei neuvonut."),
    "lounge": ("Loungessa ei ollut istumapaikkoja.", "Loungen tarjoilu oli lopussa jo aamulla."),
    "gate": ("Koneeseen noustiin sikin sokin.", "Portti vaihtui kahdesti eikä siitä kerrottu."),
    "cabin_crew": (
        "Matkustamossa kukaan ei vastannut kutsuun.",
        "Henkilökunta jutteli keskenään eikä huomannut meitä.",
    ),
    "meal": ("Ateria oli kylmä keskeltä.", "Valitsemani ruoka oli loppunut ennen riviäni."),
    "seat": ("Istuin oli rikki eikä noussut pystyyn.", "Varaamani paikka oli annettu toiselle."),
    "entertainment": ("Wifi ei toiminut, vaikka siitä maksettiin.", "Viihdenäyttö oli pimeänä koko lennon."),
    "transfer": ("Jatkolento lähti ilman meitä.", "Jatkoyhteydellä kukaan ei tiennyt, minne mennä."),
    "baggage_claim": ("Laukkuja sai odottaa hihnalla lähes tunnin.", "Matkatavarahallissa ei kerrottu mitään."),
    "courier": ("Lähetti ei tullut sovittuna päivänä.", "Laukku jätettiin sateeseen oven eteen."),
    "invoice": ("Lasku tuli kahteen kertaan.", "Laskun summa ei vastannut sitä, mistä sovittiin."),
    "reminder": ("Sain muistutuksen laskusta, jonka olin jo maksanut.", "Muistutus oli sävyltään uhkaava."),
    "service_phone": (
        "Asiakaspalvelussa minua siirrettiin numerosta toiseen.",
        "Puhelu katkesi, eikä kukaan soittanut takaisin.",
    ),
    "service_chat": ("Chat toisteli samaa vastausta.", "Chatissa luvattu vastaus ei koskaan tullut."),
    "claim": ("Korvaushakemukseen ei ole vastattu kuuteen viikkoon.", "Korvaus hylättiin ilman perusteluja."),
    "points": ("Pisteitäni katosi ilman selitystä.", "Etuja ei voi käyttää silloin, kun niitä tarvitsisi."),
    "member_evening": (
        "Jäsenillassa kerrottiin vain uusista maksuista.",
        "Iltaan oli kutsuttu enemmän väkeä kuin mahtui.",
    ),
    "relationship": (
        "Minusta tuntuu, että olen teille vain varausnumero.",
        "Kurki ei enää ole se yhtiö, jonka valitsin.",
    ),
}
CAUSE = {
    "weather": (
        "Lento peruttiin lumimyrskyn vuoksi.",
        "Sumu viivästytti lähtöä monta tuntia.",
        "Ukkosen takia kierrettiin ja myöhästyttiin.",
    ),
    "technical_delay": (
        "Koneessa oli tekninen vika, ja odotimme yli kolme tuntia.",
        "Lähtö viivästyi teknisen syyn takia eikä kukaan osannut kertoa enempää.",
        "Istuimme koneessa tunnin korjausta odottamassa.",
    ),
    "aisle_noise": (
        "Lapset juoksivat käytävällä koko lennon eikä kukaan puuttunut siihen.",
        "Takarivin seurue melusi niin, ettei nukkumisesta tullut mitään.",
        "Käytävällä leikittiin hippaa ja kahvini kaatui.",
    ),
    "baggage": (
        "Laukkuni jäi matkasta.",
        "Matkalaukku tuli perille pyörä irronneena.",
        "Laukkua ei löytynyt kolmeen päivään.",
    ),
    "invoice_wording": (
        "Laskussa luki ”nykyinen velkanne”, vaikka olin maksanut kaiken ajallaan.",
        "Laskun mukana tuli esite osamaksusta, jonka korko oli 29 prosenttia.",
        "Lasku oli kirjoitettu kuin velalliselle.",
    ),
    "unclear_app": (
        "Sovelluksesta ei löydä omaa varaustaan.",
        "Sovellus puhuu koodeja, joita en ymmärrä.",
        "Sovelluksen painikkeet vaihtuvat joka päivityksessä.",
    ),
    "queue": (
        "Jonossa seistiin {minutes} minuuttia.",
        "Jono ei liikkunut {minutes} minuuttiin lainkaan.",
        "Jonotin niin kauan, että melkein myöhästyin.",
    ),
    "staff": (
        "Virkailija tiuskaisi minulle muiden kuullen.",
        "Minulle vastattiin katsomatta silmiin.",
        "Kysymykseeni vastattiin olankohautuksella.",
    ),
    "food": (
        "Kasvisruokaa ei ollut, vaikka olin tilannut sen.",
        "Leipä oli kuivaa ja kahvi haaleaa.",
        "Ruoka maistui pahvilta.",
    ),
    "price": (
        "Hinta nousi kaksinkertaiseksi yhdessä illassa.",
        "Laukusta, paikasta ja kaikesta muustakin piti maksaa erikseen.",
        "Samasta matkasta toinen maksoi puolet vähemmän.",
    ),
    "refund": (
        "Luvattua hyvitystä ei ole näkynyt.",
        "Rahojen palautusta on odotettu kaksi kuukautta.",
        "Hyvitys kuitattiin sanomalla, että se on käsittelyssä.",
    ),
    "airport_security": (
        "Turvatarkastus kesti ikuisuuden.",
        "Turvatarkastuksessa jouduttiin avaamaan kaikki laukut.",
        "Turvatarkastuksen takia juoksimme portille.",
    ),
    # the same causes where they look different
    "queue@line": (
        "Jonotin linjalla {minutes} minuuttia.",
        "Odotin vastausta {minutes} minuuttia, ja sitten yhteys katkesi.",
        "Olin jonossa niin kauan, että ehdin keittää kahvit ja juoda ne.",
    ),
    "staff@line": (
        "Asiakaspalvelija keskeytti minut kolmesti.",
        "Minulle vastattiin kuin olisin ollut häiriöksi.",
        "Sain tylyn vastauksen, ja sitten puhelu lopetettiin.",
    ),
    "unclear_app@web": (
        "Sivuilta ei löydä omaa varaustaan.",
        "Sivut puhuvat koodeja, joita en ymmärrä.",
        "Painikkeet olivat taas vaihtaneet paikkaa.",
    ),
    "food@lounge": (
        "Leipä oli kuivaa ja kahvi haaleaa.",
        "Tarjolla oli pelkkää makeaa.",
        "Keitto oli loppunut jo kymmeneltä.",
    ),
}
BLIND = (
    "Kissan kuljetuksesta ei osannut kukaan kertoa mitään.",
    "Matkustin koiran kanssa, eikä sille ollut varattu paikkaa.",
    "Lemmikin kuljetuslaatikon mittoja ei löydy mistään.",
    "Koirani sai odottaa kentällä ilman vettä.",
)
FEEL = {
    "joy": ("Tästä tuli hyvä mieli.", "Hymyilin vielä kotonakin.", "Kerroin tästä iloisena muillekin."),
    "trust": ("Teihin voi luottaa.", "Tunsin olevani hyvissä käsissä.", "Luottamukseni vain vahvistui."),
    "pride": (
        "Olin ylpeä suomalaisesta palvelusta.",
        "Kerroin tästä ylpeänä ystäville.",
        "Kehtaa suositella muillekin.",
    ),
    "appreciated": ("Tunsin itseni arvostetuksi.", "Minua kohdeltiin kuin vierasta.", "Oli hienoa tulla nähdyksi."),
    "relief": ("Helpotus oli suuri.", "Huokaisin helpotuksesta.", "Kivi putosi sydämeltä."),
    "calm": ("Olo oli levollinen.", "Kerrankin ei tarvinnut hermoilla.", "Kaikki tuntui rauhalliselta."),
    "surprise": ("Yllätyin iloisesti.", "En osannut odottaa näin hyvää.", "Tämä oli mukava yllätys."),
    "confusion": (
        "Jäin aivan ymmälleni.",
        "En tiennyt, mitä minun pitäisi tehdä.",
        "En tiedä vieläkään, mitä pitäisi uskoa.",
    ),
    "disappointment": ("Petyin.", "Odotin teiltä enemmän.", "Harmittaa, koska tiedän teidän osaavan paremmin."),
    "fear": ("Minua pelotti.", "Pelkäsin, ettemme ehdi kotiin.", "Lapset olivat peloissaan, ja niin olin minäkin."),
    "embarrassment": ("Minua nolotti.", "Tunsin itseni tyhmäksi.", "Oli noloa selittää tätä muille."),
    "anger": ("Olen vihainen.", "Tämä suututtaa vieläkin.", "En ole aikoihin ollut näin vihainen."),
    "sadness": ("Tuli surullinen olo.", "Itku oli lähellä.", "Tästä jäi surullinen muisto."),
    "indifference": ("Ei jäänyt sen kummempaa mieleen.", "Ihan tavallinen kokemus.", "Se siitä."),
}
#: no feeling to speak of, after something bad
FEEL_FLAT = {
    "surprise": ("Yllätyin, enkä iloisesti.", "Tällaista en teiltä odottanut.", "Enpä olisi uskonut."),
    "indifference": ("En jaksa edes suuttua.", "Teille tämä taitaa olla ihan sama.", "En odottanutkaan muuta."),
}
#: a good feeling in spite of something bad
DESPITE = {
    "joy": ("Silti loppu hyvin, kaikki hyvin.", "Seura oli onneksi hyvää.", "Pilalle se ei päivää saanut."),
    "trust": ("Luotan silti siihen, että korjaatte tämän.", "Teihin on ennen voinut luottaa, ja uskon siihen yhä."),
    "pride": ("Kotimainen yhtiö on minulle silti tärkeä.", "Toivon, että saan taas olla teistä ylpeä."),
    "appreciated": ("Se, joka minua lopulta auttoi, oli ystävällinen.", "Anteeksipyyntö tuntui aidolta."),
    "relief": ("Onneksi asia lopulta selvisi.", "Helpotti, kun se oli viimein ohi."),
    "calm": ("Ei tässä sen suurempaa hätää ollut.", "Otin asian rauhallisesti, mutta hyvää se ei ollut."),
}
#: after something bad, when the score is good all the same
OTHERWISE = (
    "Muuten kaikki sujui hyvin.", "Muuten olen teihin tyytyväinen.", "Suosittelen teitä silti.", "Kokonaisuus jäi silti plussalle.",
    "Yleensä tällaista ei satu.", "Tämän kerran annan anteeksi.",
)  # fmt: skip
HARD = (
    "Muuten asiointi ei ollut helppoa.", "Ohjeita sai etsiä turhan kauan.", "Muissa asioissa jouduin yrittämään monta kertaa.",
)  # fmt: skip
SLOW = ("Muuten voisi olla vähän ripeämpää.", "Muu palvelu oli hidasta.", "Muualla sai odottaa.")
#: where and when: {on} weekday, {at} {origin} {to} places, {flight}, {hour}, {minutes}, {weeks}
FACT = {
    "air": (
        "Lensin {on} {origin} {to}, lento {flight}.", "Tämä oli {on} lennolla {flight} {origin} {to}.",
        "Lento {flight} lähti {on} {origin}.",
    ),
    "ground": ("Tämä tapahtui {on} {at}, lento oli {flight}.", "Olin lähdössä {on} lennolle {flight} {origin} {to}."),
    "place": ("Kävin luonanne {on} {at}.", "Olin paikalla {on} kello {hour}."),
    "phone": ("Soitin {on} kello {hour}.", "Puhelu oli {on} kello {hour}."),
    "chat": ("Kirjoitin chattiin {on} kello {hour}.", "Otin yhteyttä {on} kello {hour}."),
    "web": ("Olin sivuillanne {on} kello {hour}.", "Hoidin asiaa {on} kello {hour}."),
    "app": ("Avasin sovelluksen {on} kello {hour}.", "Hoidin asiaa puhelimella {on}."),
    "paper": ("Luin sen {on}.", "Avasin viestin {on} kello {hour}."),
    "claim": ("Tein hakemuksen {weeks} viikkoa sitten.", "Lento oli {weeks} viikkoa sitten, {flight} {origin} {to}."),
    "home": ("Olin kotona {on} koko päivän.", "Odotin lähettiä {on} kello {hour} alkaen."),
}  # fmt: skip
WAITED = {
    "ground": ("Odotin {minutes} minuuttia.", "Aikaa meni {minutes} minuuttia."),
    "place": ("Odotin vuoroani {minutes} minuuttia.",),
    "phone": ("Odotin linjalla {minutes} minuuttia.",),
    "chat": ("Odotin vastausta {minutes} minuuttia.",),
}
#: what we had promised, by cause
PROMISED = {
    "weather": ("Portilla luvattiin tietoa puolen tunnin välein.", "Ruokakupongit luvattiin, mutta niitä ei tullut."),
    "technical_delay": ("Lähtö luvattiin puolessa tunnissa.", "Ruokakupongit luvattiin, mutta niitä ei tullut."),
    "aisle_noise": ("Maksoin paikasta, jossa luvattiin rauhaa.",),
    "baggage": ("Laukku luvattiin seuraavaksi päiväksi.", "Minulle luvattiin soittaa samana iltana."),
    "invoice_wording": ("Puhelimessa luvattiin, että asia on kunnossa.",),
    "unclear_app": ("Ohjeessa luvattiin, että tämä käy minuutissa.",),
    "queue": ("Näytöllä luvattiin kymmenen minuutin odotus.",),
    "price": ("Mainoksessa luvattiin sama hinta koko viikoksi.",),
    "refund": ("Rahat luvattiin kahdessa viikossa.", "Maksu luvattiin kuun loppuun mennessä."),
    "food": ("Varauksessa luvattiin lämmin ateria.",),
}
WHEN = (
    "Matkustin yksin.",
    "Lensin teillä ensimmäistä kertaa.",
    "Olen lentänyt teillä vuosia.",
    "Tämä oli jo toinen kerta tänä vuonna.",
)
WHEN_WORK = ("Olin työmatkalla.", "Olin matkalla kokoukseen.", "Lennän työni takia joka viikko.")
WHEN_LEISURE = (
    "Olin liikkeellä perheen kanssa.",
    "Mukana oli vanha äitini.",
    "Kyseessä oli häämatkamme.",
    "Lapset olivat mukana.",
)
DETAIL_GOOD = (
    "Kukaan ei hoputtanut.", "Minulle kerrottiin kaikki ajoissa.", "Sain palvelua omalla kielelläni.", "Pieni ele teki ison vaikutuksen.",
    "Kaikki toimi niin kuin luvattiin.", "Ystävällisyys näkyi myös kiireessä.", "Minut huomattiin heti.", "Lapsetkin otettiin huomioon.",
)  # fmt: skip
DETAIL_GOOD_APART = (
    "Kaikki toimi niin kuin luvattiin.",
    "Tekstistä sai kerralla selvää.",
    "Yhtään turhaa vaihetta ei ollut.",
    "Sain asioida omalla kielelläni.",
)
DETAIL_BAD = (
    "Kukaan ei pahoitellut.", "Tietoa ei saanut mistään.", "Jouduin itse selvittämään kaiken.", "Sama on tapahtunut ennenkin.",
    "Asia on yhä auki.", "Sain kolme eri vastausta.",
)  # fmt: skip
DETAIL_BAD_AIR = (
    "Meitä oli monta samassa tilanteessa.",
    "Vettäkään ei tarjottu.",
    "Kukaan ei pahoitellut.",
    "Tietoa ei saanut mistään.",
    "Kuulutukset olivat vain englanniksi.",
)
ASK = (
    "Kertokaa, miten tämä korjataan.", "Haluan tietää, mitä tapahtui.", "Pelkkä pahoittelukin riittäisi.", "Hoitakaa tämä kuntoon.",
    "Toivottavasti joku lukee tämän.", "Miettikää tätä asiakkaan kannalta.", "En ole varma, lennänkö enää teillä.",
)  # fmt: skip
ASK_CONTACT = (
    "Toivon, että minulle soitetaan.",
    "Ottakaa minuun yhteyttä.",
    "Odotan vastaustanne tällä viikolla.",
    "Kuka tämän hoitaa? Vastatkaa minulle.",
)
THANKS = (
    "Kiitos!", "Lämmin kiitos kaikille.", "Jatkakaa samaan malliin.", "Välittäkää kiitokset eteenpäin.", "Tulen varmasti uudestaan.",
    "Suosittelen ystävillekin.",
)  # fmt: skip
IMPROVE = (
    "Kertokaa viiveistä heti, vaikka ette vielä tietäisi syytä.", "Antakaa yksi numero, josta vastaa ihminen.", "Lisätkää henkilökuntaa aamuruuhkaan.",
    "Kirjoittakaa laskut tavallisella kielellä.", "Tehkää sovelluksesta yksinkertaisempi.", "Opastakaa portille selvemmin.",
    "Muistakaa kasvissyöjät.", "Varatkaa perheille oma rauhallinen osasto.", "Soittakaa takaisin, kun lupaatte.",
    "Näyttäkää kokonaishinta heti alussa.", "Kertokaa, missä laukkuni on.", "Antakaa henkilökunnalle lupa hyvittää heti paikalla.",
)  # fmt: skip
IMPROVE_WHY = (
    "Se säästäisi monen hermot.", "Pieni muutos riittäisi.", "Silloin tuntisin itseni tervetulleeksi.", "Muuallakin siihen pystytään.",
    "Siitä hyötyisivät kaikki.", "Maksaisin siitä mielelläni.",
)  # fmt: skip
OBSERVE = (
    "Asiakkaat kysyvät portilla joka päivä, missä järjestyksessä noustaan.", "Monella ei ole laukkulapun koodia tallessa.",
    "Iäkkäät matkustajat jäävät automaatin eteen seisomaan.", "Laskun sanamuodosta soitetaan meille päivittäin.",
    "Perheet kysyvät, voiko lasten kanssa odottaa muualla.", "Moni luulee, että chatissa vastaa kone.",
    "Korvaushakemuksen liitettä ei löydä kukaan.", "Lemmikin kanssa matkustavat eivät tiedä, minne mennä.",
)  # fmt: skip
OBSERVE_WHY = (
    "Opaste auttaisi.", "Tämän voisi korjata viikossa.", "Olen kertonut tästä ennenkin.", "Asiakas pahoittaa mielensä turhaan.",
    "Työkaverit ovat huomanneet saman.", "Voin olla mukana korjaamassa.",
)  # fmt: skip
EMPLOYEE_GOOD = (
    "Olen ylpeä työstäni ja tiimistäni.", "Tunnen, että minua arvostetaan.", "Esihenkilö kiitti minua asiakkaiden kuullen.",
    "Saan ratkaista asiakkaan asian itse.", "Olen ylpeä siitä, miten autoimme toisiamme.", "Täällä on turvallista sanoa, jos jokin on pielessä.",
    "Arvostettu olo: ehdotukseni otettiin käyttöön.", "Innostuin, kun sain kouluttaa uusia.",
)  # fmt: skip
EMPLOYEE_BAD = (
    "Olen vihainen siitä, että ohjeet vaihtuvat joka viikko.", "Minua nolottaa selittää asiakkaalle asioita, joihin en voi vaikuttaa.",
    "Meitä mitataan puhelun pituudella, ei avulla.", "Kukaan ei kysy meiltä mitään.", "Hävettää myydä lupausta, jota ei pidetä.",
    "Olen vihainen ja väsynyt: vuorot julkaistaan liian myöhään.", "Virheistä syyllistetään.", "Nolottaa, kun järjestelmä kaatuu asiakkaan edessä.",
)  # fmt: skip
EMPLOYEE_WHY = (
    "Niin on ollut koko syksyn.", "Se näkyy myös asiakkaille.", "Toivon, että tästä puhutaan.", "Tiimissä moni ajattelee samoin.",
    "Sen huomaa jo aamulla.", "Viime kuussa erityisesti.",
)  # fmt: skip
LOST = {
    "price": ("Toinen yhtiö oli halvempi.", "Hinnat nousivat liikaa."),
    "not_heard": ("Valitin kolmesti, eikä kukaan vastannut.", "Kukaan ei koskaan kysynyt, miksi lopetin."),
    "broken_promise": ("Luvattu hyvitys jäi tulematta.", "Lupasitte paikan, jota ei ollut."),
    "schedule": ("Sopiva vuoro lopetettiin.", "Aikataulut eivät enää sopineet."),
    "moved": ("Muutin pois lentokentän läheltä.", "En enää matkusta työssäni."),
}
