"""Two small languages with a known truth: which words belong together, and which analogies hold.

Every noun of a grammar has traits, and every trait its own words to go with ("throne" for royal ones, "his"
for male ones). A sentence is about one noun and draws words of each of its traits, so that the company a word
keeps is the sum of its traits (Harris 1954, "Distributional structure"): what shares a kind lies together,
and what differs by one trait differs by one direction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

STRAY = 0.15
"""So often a word stands in a company that is not its own, as in real text: that two words meet less often
than by chance can be seen only where they meet at all.
"""

Analogy = tuple[str, str, str, str]
"""``a`` is to ``b`` as ``c`` is to ``d``."""


@dataclass(frozen=True)
class Grammar:
    """``nouns`` have traits, the first of which is their kind; ``company`` are the words of each trait.

    ``frames`` are sentences, of the kinds that have their own and ("") of all others: ``N`` is the noun,
    ``K`` a word of its kind, ``T`` one of each other trait. ``gap`` is a sentence with a gap, ``[word]``.
    """

    name: str
    title: str
    nouns: Mapping[str, tuple[str, ...]]
    company: Mapping[str, tuple[str, ...]]
    frames: Mapping[str, tuple[str, ...]]
    gap: str

    @cached_property
    def clusters(self) -> Mapping[str, tuple[str, ...]]:
        """The words of each kind."""
        kinds: dict[str, list[str]] = {}
        for noun, traits in self.nouns.items():
            kinds.setdefault(traits[0], []).append(noun)
        return {kind: tuple(nouns) for kind, nouns in kinds.items()}

    @cached_property
    def analogies(self) -> tuple[Analogy, ...]:
        """Every (a, b, c, d) whose traits make a parallelogram: what b has that a has not, d has that c has
        not, and the other way round.
        """
        by_traits = {frozenset(traits): noun for noun, traits in self.nouns.items() if len(traits) > 1}
        found: list[Analogy] = []
        for a_traits, a in by_traits.items():
            for b_traits, b in by_traits.items():
                gained, lost = b_traits - a_traits, a_traits - b_traits
                if len(gained) != 1 or len(lost) != 1:
                    continue
                for c_traits, c in by_traits.items():
                    if c in (a, b) or not lost <= c_traits or gained <= c_traits:
                        continue
                    d = by_traits.get((c_traits - lost) | gained)
                    if d is not None and d not in (a, b):
                        found.append((a, b, c, d))
        return tuple(found)

    def sentences(self, n: int, seed: int = 1) -> Iterator[list[str]]:
        """``n`` sentences, each a list of words; the same for the same seed."""
        generator = np.random.default_rng([seed, n])
        nouns = list(self.nouns)
        for at in generator.integers(0, len(nouns), n).tolist():
            frames = self.frames.get(self.nouns[nouns[at]][0], self.frames[""])
            yield self._fill(frames[int(generator.integers(len(frames)))], nouns[at], generator)

    def _fill(self, frame: str, noun: str, generator: np.random.Generator) -> list[str]:
        kind, *others = self.nouns[noun]
        words = []
        for slot in frame.split():
            if slot == "N":
                words.append(noun)
            elif slot == "K":
                words.append(self._one_of(kind, generator))
            elif slot == "T":
                words += [self._one_of(trait, generator) for trait in others]
            else:
                words.append(slot)
        return words

    def _one_of(self, trait: str, generator: np.random.Generator) -> str:
        """A word of the trait's company, or now and then of all company."""
        words = self._all_company if generator.random() < STRAY else self.company[trait]
        return words[int(generator.integers(len(words)))]

    @cached_property
    def _all_company(self) -> tuple[str, ...]:
        return tuple(word for words in self.company.values() for word in words)


_MOODS = (
    "he is very N because K and K",
    "she is N and K with K",
    "we are so N K and K",
    "K and K they feel N",
)
_FEELINGS = (
    "他 很 N 因为 K 和 K",
    "她 很 N 也 K 又 K",
    "我们 非常 N K 和 K",
    "K 和 K 他们 觉得 N",
)

ENGLISH = Grammar(
    name="grammar-en",
    title="English sentences of a small grammar",
    nouns={
        "king": ("royal", "male", "grown"),
        "queen": ("royal", "female", "grown"),
        "prince": ("royal", "male", "young"),
        "princess": ("royal", "female", "young"),
        "man": ("common", "male", "grown"),
        "woman": ("common", "female", "grown"),
        "boy": ("common", "male", "young"),
        "girl": ("common", "female", "young"),
        "paris": ("city", "french"),
        "rome": ("city", "italian"),
        "tokyo": ("city", "japanese"),
        "berlin": ("city", "german"),
        "cairo": ("city", "egyptian"),
        "france": ("country", "french"),
        "italy": ("country", "italian"),
        "japan": ("country", "japanese"),
        "germany": ("country", "german"),
        "egypt": ("country", "egyptian"),
        "cat": ("animal",),
        "dog": ("animal",),
        "horse": ("animal",),
        "cow": ("animal",),
        "apple": ("fruit",),
        "pear": ("fruit",),
        "plum": ("fruit",),
        "cherry": ("fruit",),
        "happy": ("joy",),
        "glad": ("joy",),
        "joyful": ("joy",),
        "cheerful": ("joy",),
        "sad": ("grief",),
        "unhappy": ("grief",),
        "gloomy": ("grief",),
        "miserable": ("grief",),
    },
    company={
        "royal": ("throne", "crown", "palace", "court", "rules", "castle"),
        "common": ("market", "street", "works", "house", "shop", "village"),
        "male": ("he", "his", "him", "beard"),
        "female": ("she", "her", "hers", "gown"),
        "grown": ("old", "wise", "grey", "married"),
        "young": ("small", "plays", "school", "toys"),
        "city": ("mayor", "streets", "bridge", "suburb", "station", "square"),
        "country": ("border", "army", "president", "law", "coast", "nation"),
        "french": ("wine", "cheese", "seine", "baguette"),
        "italian": ("pasta", "opera", "tiber", "pizza"),
        "japanese": ("sushi", "tea", "samurai", "kimono"),
        "german": ("beer", "sausage", "spree", "pretzel"),
        "egyptian": ("pyramid", "nile", "desert", "pharaoh"),
        "animal": ("barks", "eats", "tail", "fur", "runs", "feeds"),
        "fruit": ("ripe", "tree", "juice", "sweet", "peel", "orchard"),
        "joy": ("smiles", "laughs", "sings", "sunshine", "dances", "party"),
        "grief": ("cries", "tears", "sighs", "rain", "mourns", "funeral"),
    },
    frames={
        "": (
            "the N K T and K",
            "K and T the N K",
            "a N with K T of K",
            "K of the N T is K",
            "this N K in T K",
        ),
        "joy": _MOODS,
        "grief": _MOODS,
    },
    gap="the [king] rules his palace",
)

CHINESE = Grammar(
    name="grammar-zh",
    title="Chinese sentences of a small grammar",
    nouns={
        "国王": ("皇室", "男", "成年"),
        "女王": ("皇室", "女", "成年"),
        "王子": ("皇室", "男", "少年"),
        "公主": ("皇室", "女", "少年"),
        "男人": ("平民", "男", "成年"),
        "女人": ("平民", "女", "成年"),
        "男孩": ("平民", "男", "少年"),
        "女孩": ("平民", "女", "少年"),
        "北京": ("首都", "中"),
        "东京": ("首都", "日"),
        "巴黎": ("首都", "法"),
        "罗马": ("首都", "意"),
        "中国": ("国家", "中"),
        "日本": ("国家", "日"),
        "法国": ("国家", "法"),
        "意大利": ("国家", "意"),
        "高兴": ("喜",),
        "开心": ("喜",),
        "快乐": ("喜",),
        "愉快": ("喜",),
        "伤心": ("悲",),
        "难过": ("悲",),
        "痛苦": ("悲",),
        "悲伤": ("悲",),
        "猫": ("动物",),
        "狗": ("动物",),
        "马": ("动物",),
        "羊": ("动物",),
        "清华大学": ("大学",),
        "北京大学": ("大学",),
        "复旦大学": ("大学",),
        "南京大学": ("大学",),
        "苹果": ("水果",),
        "梨": ("水果",),
        "桃子": ("水果",),
        "樱桃": ("水果",),
    },
    company={
        "皇室": ("王冠", "宫殿", "王位", "统治", "城堡", "宝座"),
        "平民": ("市场", "街道", "工作", "房子", "商店", "村庄"),
        "男": ("他", "胡子", "父亲", "先生"),
        "女": ("她", "裙子", "母亲", "女士"),
        "成年": ("老", "聪明", "结婚", "白发"),
        "少年": ("小", "玩耍", "上学", "玩具"),
        "首都": ("市长", "地铁", "桥", "广场", "车站", "郊区"),
        "国家": ("边境", "军队", "总统", "法律", "海岸", "民族"),
        "中": ("长城", "饺子", "熊猫", "京剧"),
        "日": ("寿司", "樱花", "武士", "和服"),
        "法": ("葡萄酒", "奶酪", "香水", "面包"),
        "意": ("比萨", "歌剧", "面条", "斗兽场"),
        "喜": ("笑", "唱歌", "阳光", "跳舞", "聚会", "礼物"),
        "悲": ("哭", "眼泪", "叹气", "下雨", "葬礼", "失去"),
        "动物": ("跑", "尾巴", "毛", "吃草", "叫", "喂"),
        "大学": ("教授", "学生", "考试", "图书馆", "校园", "论文"),
        "水果": ("甜", "树", "果汁", "成熟", "果园", "削皮"),
    },
    frames={
        "": (
            "这 N K T 和 K",
            "K 和 T 的 N K",
            "那 N 有 K T 也 K",
            "K 的 N T 是 K",
            "我们 的 N 在 K T K",
        ),
        "喜": _FEELINGS,
        "悲": _FEELINGS,
    },
    gap="他 很 [高兴] 因为 阳光",
)

GRAMMARS: Mapping[str, Grammar] = {grammar.name: grammar for grammar in (ENGLISH, CHINESE)}
N_SENTENCES = 20_000
"""Of a named corpus: enough to learn the truth from in seconds."""
