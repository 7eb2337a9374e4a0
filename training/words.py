"""Words of the grammar: one list for every slot, and a few words that no training text contains.

A template such as `"the {part} arrived {broken}"` has slots; each slot is filled from the list of its name.
The lists are sorted, and `training.grammar` withholds the last quarter of each from question answering. The
alphabet thus decides which words are withheld, and not the author.

`STRANGE` holds words of the same meaning that occur in no training text at all, not even in unlabelled text
or in the tokenizer's corpus. They measure what is left when the model has never met the decisive word.

All words are mild: this is a classroom.
"""

from __future__ import annotations


def _sorted(words: str) -> tuple[str, ...]:
    return tuple(sorted(word.strip() for word in words.split("|")))


WORDS: dict[str, tuple[str, ...]] = {
    name: _sorted(words)
    for name, words in {
        "product": "kettle|lamp|backpack|blender|keyboard|phone case|office chair|water bottle|headset|"
        "alarm clock|umbrella|toaster|desk fan|suitcase|camera|drill|tent|jacket|coffee machine|"
        "vacuum cleaner|watch|mouse|speaker|pan",
        "part": (
            "handle|lid|cable|switch|zip|hinge|screen|button|strap|wheel|battery|cover|plug|base|motor|"
            "frame|seam|knob|tube|case"
        ),
        "broken": "cracked|broken|bent|scratched|torn|loose|chipped|dented|faulty|damaged|stained|wobbly|"
        "crooked|leaking|rusty|dead|stuck|burnt",
        "flaw": "flaw|crack|scratch|fault|dent|leak|defect|tear|glitch|hole|chip|stain|rattle|problem|"
        "blemish|rough edge",
        "fine": "flawless|spotless|intact|perfect|stable|clean|immaculate|pristine|tidy|fine|faultless|"
        "undamaged|smooth|unmarked|sound|unscathed",
        "lasted": (
            "held up|survived|kept going|stayed strong|kept working|endured|carried on|soldiered on|"
            "lasted|ran well|held together|worked every day"
        ),
        "failed": (
            "fell apart|gave up|stopped working|split|broke down|quit|died|crumbled|packed in|failed|"
            "snapped|came apart|gave out|burned out|collapsed|went dead"
        ),
        "time": (
            "a week|two months|one year|ten days|a month|half a year|three weeks|a season|ninety days|"
            "two years|five days|a whole holiday|six months|the summer"
        ),
        "short": "a day|two days|an hour|one wash|a weekend|three uses|a few days|five minutes|one trip|"
        "two weeks|the first use|barely a week",
        "good": "great|lovely|superb|excellent|wonderful|pleasant|brilliant|delightful|splendid|terrific|"
        "marvellous|good|nice|fantastic|amazing|super|first class|impressive|handy|beautiful",
        "bad": "awful|poor|terrible|dreadful|useless|dismal|lousy|miserable|shoddy|rotten|bad|horrible|"
        "cheap|nasty|disappointing|mediocre|second rate|annoying|flimsy|ugly",
        "who": (
            "my sister|a friend|anyone|my neighbour|colleagues|my parents|any student|families|campers|"
            "everyone|my brother|nurses|beginners|my uncle"
        ),
        "colour": "blue|red|green|black|white|grey|yellow|brown|silver|purple|orange|pink",
        "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|spring|summer|autumn|winter|May",
        "very": "really|very|truly|so|rather|quite|extremely|pretty|totally|simply|just|absolutely",
        "group": (
            "cyclists|gardeners|night owls|chess players|tourists|neighbours|commuters|joggers|reviewers|"
            "moderators|newcomers|fans|drivers|dog owners|students|bankers|poets|skaters|vegetarians|"
            "shoppers"
        ),
        "insult": (
            "silly|clueless|foolish|lazy|hopeless|ignorant|pathetic|dim|daft|stupid|dumb|ridiculous|"
            "childish|brainless|vain|slow|selfish|mindless"
        ),
        "fool": (
            "fools|clowns|dimwits|nitwits|blockheads|twits|dunces|idiots|losers|donkeys|cowards|liars|"
            "morons|simpletons"
        ),
        "thing": "sheep|robots|machines|furniture|puppets|cattle|drones|dummies|zombies|insects|vermin|"
        "animals|parasites|rats|weeds|dirt",
        "laugh": (
            "laughing stock|joke|embarrassment|disgrace|spectacle|punchline|farce|mockery|clown show|"
            "shame|circus act|comedy"
        ),
        "hit": "shove|kick|slap|push|thump|smack|punch|whack|clobber|beat|hit|jab|wallop|bash|swat|poke",
        "gone": (
            "banished|erased|removed|driven out|swept away|expelled|wiped out|deported|eliminated|banned|"
            "thrown out|kicked out|sent away|locked out|voted out|cast out"
        ),
        "nice": "kind|thoughtful|helpful|friendly|generous|patient|considerate|courteous|gracious|polite|"
        "fair|gentle|warm|sensible|decent|civil",
        "topic": (
            "the bike lane|parking|the new library|the match|the bus timetable|noise at night|the park|"
            "school meals|the festival|the budget|the fair|street lights|the swimming pool|the election|"
            "the weather|dog walking|the bridge|the film"
        ),
        "firm": "Acme|Norvik|Belltown Foods|Halden|Orbitel|Quarry Bank|Maple Motors|Sunfield|Tarn Energy|"
        "Vesper Labs|Glenrow|Pelican Air|Castor Steel|Dunmore|Fenwick Rail|Juniper|Kestrel Group|"
        "Lumen Works|the company|Vantage",
        "up": "climbs|jumps|rises|gains|rallies|advances|surges|soars|leaps|moves up|edges up|recovers|"
        "shoots up|ticks higher",
        "down": (
            "falls|drops|slides|slips|tumbles|sinks|plunges|retreats|slumps|declines|dips|loses ground|"
            "crashes|ticks lower"
        ),
        "big": "record|strong|robust|sunny|healthy|upbeat|bumper|stellar|brisk|good|better|high|rising|"
        "impressive",
        "weak": "weak|soft|sluggish|disappointing|thin|gloomy|feeble|tepid|poor|bad|subdued|low|falling|"
        "meagre",
        "lifts": "raises|lifts|increases|upgrades|boosts|improves|hikes|bumps up",
        "cuts": "cuts|lowers|reduces|trims|slashes|downgrades|scales back|pares",
        "risk": (
            "lawsuit|recall|probe|fine|strike|data breach|inquiry|penalty|outage|court case|tax dispute|"
            "safety alarm|fraud claim|investigation"
        ),
        "num": "two|three|four|five|six|seven|eight|nine|twelve|fifteen|twenty|thirty|2|3|5|7|10|12",
        "period": "quarter|half year|term|month|season|first half|second half|spring",
        "analyst": "analysts|traders|brokers|investors|observers|the board|fund managers|the market",
    }.items()
}

STRANGE: dict[str, tuple[str, ...]] = {
    name: _sorted(words)
    for name, words in {
        "product": "hammock|telescope|wheelbarrow|guitar",
        "part": "nozzle|spout|buckle|latch",
        "broken": "warped|shattered|mangled|frayed",
        "flaw": "nick|gouge|breakage|malfunction",
        "fine": "impeccable|unblemished|neat|mint",
        "lasted": "persisted|pulled through|stood the test",
        "failed": "conked out|perished|disintegrated|malfunctioned",
        "time": "eleven weeks|a decade|forty days",
        "short": "a fortnight|one evening|two evenings",
        "good": "fabulous|outstanding|gorgeous|exquisite",
        "bad": "abysmal|appalling|atrocious|hideous",
        "who": "my cousin|teachers|hikers",
        "colour": "turquoise|beige",
        "day": "October|yesterday",
        "very": "utterly|remarkably",
        "group": "plumbers|violinists|anglers|pensioners",
        "insult": "witless|idiotic|gormless|obtuse",
        "fool": "buffoons|nincompoops|halfwits",
        "thing": "cockroaches|maggots|lumps of wood|broomsticks",
        "laugh": "buffoonery|humiliation|travesty",
        "hit": "cuff|biff|pummel|clout",
        "gone": "evicted|exiled|purged|ousted",
        "nice": "amiable|cordial|tactful|kindly",
        "topic": "the opera|recycling|the tram",
        "firm": "Zephyr Mills|Brightwater|Ostrava Glass",
        "up": "spikes|ascends|bounces",
        "down": "nosedives|shrinks|collapses",
        "big": "outstanding|buoyant|roaring",
        "weak": "dire|lacklustre|anaemic",
        "lifts": "elevates|enlarges",
        "cuts": "curtails|shrinks",
        "risk": "indictment|sanction|boycott|cyberattack",
        "num": "88|44|sixty",
        "period": "fiscal year|trimester",
        "analyst": "economists|shareholders",
    }.items()
}
