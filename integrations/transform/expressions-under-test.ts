/**
 * Expressions that attack whoever evaluates them, by kind: a table for the test beside this. What
 * is refused (`VALIDATION_ERROR`) never ran; what `ENDS` may answer, fail or be ended by a cap.
 */

export interface Attack {
  readonly name: string;
  readonly expression: string;
  readonly input?: unknown;
  readonly expected: "REFUSED" | "ENDS";
}

const refused = (name: string, expression: string, input?: unknown): Attack => ({
  name,
  expression,
  input,
  expected: "REFUSED",
});
const ends = (name: string, expression: string, input?: unknown): Attack => ({
  name,
  expression,
  input,
  expected: "ENDS",
});

const A30 = `${"a".repeat(30)}!`;
const NUMBERS = Array.from({ length: 2_000 }, (_, n) => n);

/** Patterns that go back and try again without end. */
const PATTERNS: readonly Attack[] = [
  "(a+)+$",
  "(a*)*$",
  "(a|a)*$",
  "(a|aa)+$",
  "(.*a){20}",
  "(a+){10,}b",
  "([a-z]+)*\\d",
  "(\\w+\\s?)*$",
  "(x+x+)+y",
  "((a+)+)+$",
  "(?:a+)+$",
  "(?<n>a+)+$",
  "(a?){50}a{50}",
  "(.*)*x",
  "(.+)+x",
  "a*a*a*a*a*a*b",
  "(a|b|ab)*c",
  "(\\d+)*x",
  "(a+)+(b+)+$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(?=(a+))\\1+b",
  "(a)\\1*",
  "(?!a+b)a*c",
  "[\\s\\S]*[\\s\\S]*[\\s\\S]*z",
]
  .map((pattern) => refused(`the pattern ${pattern}`, `$match(text, /${pattern}/)`, { text: A30 }))
  .concat([
    refused("a runaway pattern in $contains", `$contains(text, /(a+)+$/)`, { text: A30 }),
    refused("a runaway pattern in $replace", `$replace(text, /(a+)+$/, "b")`, { text: A30 }),
    refused("a runaway pattern in $split", `$split(text, /(a+)+$/)`, { text: A30 }),
    refused("a runaway pattern in a variable", `($p := /(a+)+$/; $match(text, $p))`, {}),
    refused("a runaway pattern in a lambda", `(function($p){ $match(text, $p) })(/(a+)+$/)`, {}),
    refused("a runaway pattern in a predicate", `items[$match(name, /(a+)+$/)]`, {}),
    refused("a runaway pattern in a sort", `items^($match(name, /(a+)+$/))`, {}),
    refused("a runaway pattern in a group", `items{$string($match(name, /(a+)+$/)): 1}`, {}),
    refused("a runaway pattern in a transform", `$ ~> |items[/(a+)+$/(name)]|{"x": 1}|`, {}),
    refused("a runaway pattern applied at once", `/(a+)+$/(text)`, { text: A30 }),
    refused("a pattern of 2,000 characters", `$match(text, /${"a?".repeat(1_000)}/)`, {}),
    ends("an empty match for ever", `$replace(text, /a*/, "b")`, { text: "b".repeat(10_000) }),
    ends("a matcher that never ends", `$match("a", function($s){${endlessMatch()}})`),
    ends(
      "a matcher that gives itself",
      `($m := function($s){{"match":"a","start":0,"end":1,
      "groups":[],"next":$m}}; $replace("aaa", $m, "b"))`,
    ),
    ends("a pattern over a long text", `$match(text, /a+b/)`, { text: "a".repeat(50_000) }),
    ends("a date picture of 40 numbers", `$toMillis(text, "${"[Y]".repeat(40)}x")`, {
      text: "1".repeat(60),
    }),
    ends("a date picture that is computed", `$toMillis(text, $join([1..30].("[Y][M]")) & "!")`, {
      text: "1".repeat(50),
    }),
    ends("a date picture in words", `$toMillis(text, "${"[Yw] ".repeat(20)}!")`, {
      text: "one and ".repeat(40),
    }),
  ]);

function endlessMatch(): string {
  return '{"match": "a", "start": 0, "end": 1, "groups": [], "next": function(){ $m }}';
}

const RANGES: readonly Attack[] = [
  refused("a range of ten million", `$sum([1..9999999])`),
  refused("a range of a billion", `[1..1000000000]`),
  refused("a range below zero", `[-100000000..100000000]`),
  refused("a long range in a function", `$map([1..2000000], function($n){ $n })`),
  refused("a long range in a predicate", `items[[0..5000000]]`, { items: [1] }),
  ends("a range with a computed end", `($n := 9999999; [1..$n])`),
  ends("a range with an end of the input", `[1..n]`, { n: 1e15 }),
  ends("a range with an end that is a power", `[1..$power(10, 7)]`),
  ends("a range between unsafe integers", `[9007199254740992..9007199254740999]`),
  refused("a range over all that a number holds", `[-1e308..1e308]`),
  ends("ranges of ranges", `[1..1000].[1..1000].[1..1000]`),
  ends("a range for each of a range", `$map([1..100000], function($n){ [1..100000] })`),
  ends("four ranges as a product", `$sum([1..400].([1..400].([1..400].([1..400]))))`),
  ends("100,000 ranges of the input", `items.[1..100000]`, { items: NUMBERS }),
  ends("a range as a path's step", `$.[1..99999].[1..99999]`),
  ends("a range that is joined with itself", `($r := [1..99999]; $append($append($r,$r),$r))`),
  ends("ranges that are zipped", `$zip([1..99999], [1..99999], [1..99999], [1..99999])`),
  ends("a range that is sorted", `$sort([1..99999], function($a, $b){ $a < $b })`),
  ends("a range without its order", `[1..99999]^($sum([1..$]))`),
  ends("a range that is distinct", `$distinct([1..99999])`),
  ends("a range that is reduced to itself", `$reduce([1..99999], function($a,$b){ [$a,$b] })`),
  ends("a range's text", `$string([1..99999].[1..99])`),
];

const RECURSION: readonly Attack[] = [
  ends("a function that calls itself", `($f := function($x){ 1 + $f($x) }; $f(1))`),
  ends("a tail call without end", `($f := function($x){ $f($x) }; $f(1))`),
  ends(
    "two functions that call each other",
    `($f := function($x){ $g($x) };
    $g := function($x){ $f($x) }; $f(1))`,
  ),
  ends(
    "two functions, not in the tail",
    `($f := function($x){ [$g($x)] };
    $g := function($x){ [$f($x)] }; $f(1))`,
  ),
  ends("Fibonacci's numbers", `($f := function($n){ $n < 2 ? $n : $f($n-1) + $f($n-2) }; $f(60))`),
  ends(
    "Ackermann's function",
    `($a := function($m,$n){ $m = 0 ? $n + 1 :
    $n = 0 ? $a($m - 1, 1) : $a($m - 1, $a($m, $n - 1)) }; $a(4, 4))`,
  ),
  ends(
    "the Y combinator",
    `($y := function($f){ function($x){ $f($x($x)) }
    (function($x){ $f(function($v){ $x($x)($v) }) }) }; $y(function($g){ $g })(1))`,
  ),
  ends("omega", `(function($x){ $x($x) })(function($x){ $x($x) })`),
  ends("omega in the middle", `(function($x){ [$x($x)] })(function($x){ [$x($x)] })`),
  ends("a fork without end", `($f := function($x){ $f($x) + $f($x) }; $f(1))`),
  ends("recursion in $map", `($f := function($x){ $map([1,2], $f) }; $f(1))`),
  ends("recursion in $reduce", `($f := function($x,$y){ $reduce([1,2,3], $f) }; $f(1,2))`),
  ends("recursion in $filter", `($f := function($x){ $filter([1,2,3], $f) }; $f(1))`),
  ends("recursion in $sort", `($f := function($x,$y){ $sort([3,2,1], $f) }; $f(1,2))`),
  ends("recursion in $sift", `($f := function($x){ $sift({"a": 1}, $f) }; $f(1))`),
  ends("recursion in $each", `($f := function($x){ $each({"a": 1}, $f) }; $f(1))`),
  ends("recursion in a predicate", `($f := function($x){ [1,2,3][$f($)] }; $f(1))`),
  ends("recursion in an order", `($f := function($x){ [1,2,3]^($f($)) }; $f(1))`),
  ends("recursion in a transform", `($f := function($x){ $x ~> |$|{"a": $f($x)}| }; $f({}))`),
  ends(
    "a chain that is applied to itself",
    `($f := $trim ~> $trim; $g := $f ~> $f ~> $f;
    $h := function($x){ $x ~> $g ~> $h }; $h("x"))`,
  ),
  ends("partial application without end", `($f := function($a,$b){ $f($a, ?)($b) }; $f(1, 2))`),
  ends("a tail call that grows", `($f := function($x){ $f($x & $x) }; $f("ab"))`),
];

const STRINGS: readonly Attack[] = [
  ends("a text of 500 million", `$pad("x", 500000000)`),
  ends("a text longer than the engine's", `$pad("x", 2000000000)`),
  ends("a text padded to the left", `$pad("x", -400000000, "ab")`),
  ends("a text padded without end", `$pad("x", 1/0)`),
  ends("a text that doubles", `$reduce([1..60], function($a,$b){ $a & $a }, "xxxxxxxxxx")`),
  ends(
    "a text that doubles in a tail call",
    `($f := function($s,$n){ $n = 0 ? $s :
    $f($s & $s, $n - 1) }; $length($f("x", 40)))`,
  ),
  ends("a text that is joined 99,999 times", `$join([1..99999].(text), text)`, {
    text: "x".repeat(10_000),
  }),
  ends(
    "a replacement that grows",
    `$reduce([1..30], function($a){ $replace($a, "x", "xxx") },
    "x")`,
  ),
  ends("a replacement of each character", `$replace(text, "x", text)`, {
    text: "x".repeat(60_000),
  }),
  ends("a split of each character", `$count($split(text, ""))`, { text: "x".repeat(1_000_000) }),
  ends("a split that is joined again", `$join($split(text, ""), text)`, {
    text: "x".repeat(50_000),
  }),
  ends("base64 of base64 of base64", `$reduce([1..80], function($a){ $base64encode($a) }, "xyz")`),
  ends(
    "a web address that is encoded again",
    `$reduce([1..200],
    function($a){ $encodeUrlComponent($a) }, "%")`,
  ),
  ends("a text of a text of a text", `$reduce([1..40], function($a){ $string([$a,$a]) }, "x")`),
  ends("indented JSON of what nests", `$string($reduce([1..5000], function($a){ [$a] }, 1), true)`),
  ends("case of a long text", `$uppercase($lowercase($pad("ß", 90000000, "ß")))`),
  ends("a trim of blanks", `$trim(text)`, { text: `${" ".repeat(200_000)}x` }),
  ends("a trim of blanks between", `$trim(text)`, { text: "x \t \n ".repeat(50_000) }),
  ends("a length in characters", `$length($pad("😀", 100000000, "😀"))`),
  ends("parts of a long text", `[0..99999].$substring($$.text, $)`, {
    text: "x".repeat(500_000),
  }),
  ends("a comparison of long texts", `($x := $pad("x", 100000000); $x & "a" < $x & "b")`),
  ends("keys that are long texts", `$merge([1..3000].{$pad("k", 100000) & $string($): 1})`),
];

/** Names that JavaScript inherits, and functions as data. None of them is refused for nothing. */
const PROTOTYPES: readonly Attack[] = [
  refused("__proto__ as a step", `__proto__`),
  refused("__proto__ inside", `a.b.__proto__.polluted`, { a: {} }),
  refused("__proto__ in back quotes", "`__proto__`"),
  refused("__proto__ as a key", `{"__proto__": {"polluted": true}}`),
  refused("__proto__ as a key of a group", `items{"__proto__": $}`, { items: [1] }),
  refused("__proto__ of an update", `$ ~> |$|{"__proto__": {"polluted": true}}|`),
  refused("__proto__ in $lookup", `$lookup($, "__proto__")`),
  refused("__defineGetter__", "$.`__defineGetter__`('a', function(){ 1 })"),
  refused("__lookupGetter__", "`__lookupGetter__`"),
  ends("__proto__ by halves in $lookup", `$lookup($, "__pro" & "to__")`),
  ends("__proto__ by halves as a key", `{"__pro" & "to__": {"polluted": true}}`),
  ends("__proto__ by halves in an update", `$ ~> |$|{"__pro" & "to__": {"polluted": 1}}|`, {}),
  ends("__proto__ by halves in $merge", `$merge([{}, {"__pro" & "to__": {"polluted": 1}}])`),
  ends("__proto__ of the input", `$merge([{}, $])`, JSON.parse('{"__proto__": {"polluted": 1}}')),
  refused("__proto__ by a code", `$lookup($, "\\u005f_proto__" & "")`),
  ends("constructor", `constructor`),
  ends("constructor of constructor", `constructor.constructor("return process")()`),
  ends("constructor of a text", `"x".constructor`),
  ends("constructor of a function", `$sum.constructor`),
  ends("prototype of constructor", `constructor.prototype.polluted`),
  ends("an update of constructor", `$ ~> |constructor.prototype|{"polluted": true}|`, {}),
  ends("an update of the root's constructor", `$ ~> |$$.constructor|{"polluted": true}|`, {}),
  ends("a deletion of toString", `$ ~> |$|{}, ["toString", "hasOwnProperty"]|`, {}),
  ends("hasOwnProperty as data", `hasOwnProperty`, { hasOwnProperty: 1 }),
  ends("toJSON as data", `{"toJSON": function(){ 1 }, "a": 1}`),
  ends("then as data", `{"then": function($a, $b){ $a(1) }}`),
  ends("then as a function of the engine's", `{"then": $sum}`),
  ends(
    "a function's body is changed",
    `({} ~> |$sum|{"implementation": function($x){ 41 }}|;
    $sum([1, 2]))`,
  ),
  ends("a function's signature is changed", `({} ~> |$map|{"signature": null}|; $map(1, 2))`),
  ends(
    "$clone is changed",
    `({} ~> |$clone|{"implementation": function($x){ $sum }}|;
    {} ~> |$|{"a": 1}|)`,
  ),
  ends(
    "$clone is bound again",
    `($clone := function($x){ $sum }; {} ~> |$|{"implementation": 1}|;
    $sum([1]))`,
  ),
  ends("data that says it is a lambda", `f(1)`, {
    f: { _jsonata_lambda: true, arguments: [], body: { type: "value", value: 1 } },
  }),
  ends("data that says it is a function", `f(1)`, { f: { _jsonata_function: true } }),
  ends("data that says it is a sequence", `items.sequence`, { items: { sequence: true } }),
  ends("length as data", `$count(items)`, { items: { length: 4e9 } }),
  ends("the environment of a function", `($f := function(){ 1 }; $f.environment.base.options)`),
  ends("keys of a function", `$keys($sum)`),
  ends("parts of a function", `$spread($sum)`),
  ends("$merge of functions", `$merge([$sum, $count])`),
  ends("a symbol as a name", `$lookup($, "Symbol(Symbol.iterator)")`),
];

const nested = (open: string, middle: string, close: string, times: number) =>
  open.repeat(times) + middle + close.repeat(times);

const NESTING: readonly Attack[] = [
  refused("5,000 parentheses", nested("(", "1", ")", 5_000)),
  refused("5,000 lists", nested("[", "1", "]", 5_000)),
  refused("5,000 objects", nested('{"a":', "1", "}", 5_000)),
  refused("1,000 functions", nested("function($x){", "1", "}", 1_000)),
  refused("1,000 predicates inside one another", nested("a[", "1", "]", 1_000)),
  refused("2,000 conditions", `${"1 ? ".repeat(2_000)}1${" : 2".repeat(2_000)}`),
  refused("5,000 minus signs", `${"-".repeat(5_000)}1`),
  refused("9,000 sums", `1${"+1".repeat(9_000)}`),
  refused("8,000 steps", `a${".a".repeat(12_000)}`),
  refused("8,000 brackets that do not close", "[".repeat(8_000)),
  refused("1,000 comments in a row", `${"/**/".repeat(8_000)}`),
  refused("40,000 characters", `"${"x".repeat(40_000)}"`),
  ends("a list nested 20,000 deep", `$reduce([1..20000], function($a){ [$a] }, 1)`),
  ends("an object nested 20,000 deep", `$reduce([1..20000], function($a){ {"a": $a} }, 1)`),
  ends("descendants of what nests", `$reduce([1..9000], function($a){ {"a": $a} }, 1).**`),
  ends("input that nests", "**", JSON.parse(nested("[", "1", "]", 3_000))),
  ends("equality of what nests", `($x := $reduce([1..9000], function($a){ [$a] }, 1); $x = $x)`),
  ends("a chain of 300 functions", `"x"${" ~> $trim".repeat(60)}`),
];

const MEMORY: readonly Attack[] = [
  ends("a list of long texts", `$map([1..100000], function($i){ $pad("x", 5000 + $i) })`),
  ends("a list that doubles", `$reduce([1..60], function($a){ $append($a, $a) }, [1,2,3])`),
  ends("an object that doubles", `$reduce([1..60], function($a){ {"l": $a, "r": $a} }, 1)`),
  ends(
    "a text that is kept in steps",
    `($f := function($s, $n){ $n = 0 ? 0 :
    $count($split($s, "")) + $f($s & "y", $n - 1) }; $f($pad("x", 100000), 500))`,
  ),
  ends(
    "closures that are kept",
    `($f := function($a, $n){ $n = 0 ? $a :
    $f($append($a, function(){ $a }), $n - 1) }; $count($f([], 50000)))`,
  ),
  ends(
    "frames that are kept",
    `($f := function($g, $n){ $n = 0 ? 1 :
    $f(function(){ $g }, $n - 1) }; $f(0, 1000000))`,
  ),
  ends("copies of the input", `[1..5000].($clone($$.items))`, { items: NUMBERS }),
  ends("copies that are changed", `[1..2000].($$ ~> |items|{"a": 1}|)`, { items: NUMBERS }),
  ends("all descendants of all descendants", `**.**.**`, deepTree(6)),
  ends("wildcards of wildcards", `*.*.*.*.*.*.*`, deepTree(7)),
  ends("a product of the input", `items@$a.items@$b.items@$c.[$a, $b, $c]`, { items: NUMBERS }),
  ends("a join of the input with itself", `items#$i.items#$j.{"i": $i, "j": $j}`, {
    items: NUMBERS,
  }),
  ends("a group for each item", `items{$string($): $$.items}`, { items: NUMBERS }),
  ends("a zip of ten lists", `$zip(${Array(10).fill("$$.items").join(",")})`, { items: NUMBERS }),
  ends("a spread of a large object", `$spread($merge(items.{$string($): $$.items}))`, {
    items: NUMBERS,
  }),
  ends("a reverse of a reverse", `$reduce([1..5000], function($a){ $reverse($a) }, $$.items)`, {
    items: NUMBERS,
  }),
  ends("matches that hold their text", `$match(text, /x/)`, { text: "x".repeat(400_000) }),
];

function deepTree(depth: number): unknown {
  return depth === 0 ? 1 : Array.from({ length: 6 }, () => ({ a: deepTree(depth - 1) }));
}

const FLOODS: readonly Attack[] = [
  ends(
    "$map of $map of $map",
    `$map(items, function($a){ $map($$.items, function($b){
    $map($$.items, function($c){ $a * $b * $c }) }) })`,
    { items: NUMBERS },
  ),
  ends(
    "$filter of $filter",
    `$filter(items, function($a){ $count($filter($$.items,
    function($b){ $count($filter($$.items, function($c){ $a = $c })) > 1 })) > 0 })`,
    {
      items: NUMBERS,
    },
  ),
  ends(
    "$sift of a large object",
    `$sift($merge([1..50000].{$string($): $}), function($v){
    $sum([1..$v]) > 0 })`,
  ),
  ends(
    "$sift that sifts",
    `($o := $merge([1..2000].{$string($): $}); $sift($o, function($v){
    $count($keys($sift($o, function($w){ $w > $v }))) > 0 }))`,
  ),
  ends(
    "$each that eaches",
    `($o := $merge([1..2000].{$string($): $}); $each($o, function($v){
    $each($o, function($w){ $each($o, function($x){ $v * $w * $x }) }) }))`,
  ),
  ends(
    "$reduce of $reduce",
    `$reduce(items, function($a,$b){ $reduce($$.items,
    function($c,$d){ $reduce($$.items, function($e,$f){ $e + $f }) }) })`,
    { items: NUMBERS },
  ),
  ends(
    "$sort by what sorts",
    `$sort(items, function($a,$b){ $sort($$.items,
    function($c,$d){ $c < $d })[0] > $b })`,
    { items: NUMBERS },
  ),
  ends("an order that contradicts itself", `$sort([1..50000], function($a,$b){ true })`),
  ends("$single of many", `$single(items, function($a){ $sum($$.items) < 0 })`, {
    items: NUMBERS,
  }),
  ends("$distinct of objects", `$distinct([1..4000].{"a": $, "b": [$]})`),
  ends("$distinct of long texts", `$distinct([1..3000].($pad("x", 5000) & $string($)))`),
  ends("in, for each", `items[$ in $$.items[$ in $$.items]]`, { items: NUMBERS }),
  ends("equality of large lists", `items[$$.items = $$.items]`, { items: NUMBERS }),
  ends("a sum for each", `[1..99999].$sum([1..$])`),
  ends("parents of parents", `a.a.a.a.a.a.(%.%.%.%.%.%)`, deepTree(6)),
  ends("a parent for each", `items.(%.items.(%.items))`, { items: NUMBERS.map((n) => ({ n })) }),
  ends("an update of every descendant", `$ ~> |**|{"x": $count($$.**)}|`, deepTree(5)),
  ends(
    "$merge for each",
    `$reduce([1..99999], function($a,$b){ $merge([$a, {$string($b): $b}]) },
    {})`,
  ),
  ends("$lookup in a long list", `[1..99999].$lookup($$.items, "a")`, {
    items: NUMBERS.map((n) => ({ a: n })),
  }),
  ends("$exists of what does not end", `$exists(($f := function(){ $f() }; $f()))`),
];

const CYCLES: readonly Attack[] = [
  ends(
    "an object that holds itself",
    `($x := {"a": {}}; $clone := function($y){ $x };
    $x ~> |a|{"self": $x}|)`,
  ),
  ends(
    "the text of what holds itself",
    `($x := {"a": {}}; $clone := function($y){ $x };
    $y := $x ~> |a|{"self": $x}|; $string($y))`,
  ),
  ends(
    "descendants of what holds itself",
    `($x := {"a": {}}; $clone := function($y){ $x };
    $y := $x ~> |a|{"self": $x}|; $y.**)`,
  ),
  ends(
    "equality of what holds itself",
    `($x := {"a": {}}; $clone := function($y){ $x };
    $y := $x ~> |a|{"self": $x}|; $y = {"a": {"self": $y}})`,
  ),
  ends(
    "a copy of what holds itself",
    `($x := {"a": {}}; $c := $clone; $clone := function($y){ $x };
    $y := $x ~> |a|{"self": $x}|; $c($y))`,
  ),
  ends("the text of a function", `$string($string)`),
  ends(
    "an error that quotes what holds itself",
    `($x := {"a": {}}; $clone := function($y){ $x };
    $y := $x ~> |a|{"self": $x}|; 1 + $y)`,
  ),
  ends("an error of a long text", `$error($pad("x", 50000000))`),
  ends("an error of an object", `$error($string([1..99999]))`),
  ends("an assertion of a long text", `$assert(false, $pad("x", 9000000))`),
];

const PICTURES: readonly Attack[] = [
  ends("a number of 30,000 places", `$formatNumber(1.5, "0.${"0".repeat(30_000)}")`),
  ends("a picture of a computed length", `$formatNumber(1.5, "#." & $pad("0", 50000000, "0"))`),
  ends("a picture of groups", `$formatNumber(1e300, "${"#,".repeat(5_000)}0")`),
  ends("a picture with odd separators", `$formatNumber(1, "0", {"decimal-separator": ""})`),
  ends("an integer of 20,000 digits", `$formatInteger(7, "${"0".repeat(20_000)}")`),
  ends("an integer in words", `$formatInteger(1e308, "w")`),
  ends("an integer without end in words", `$formatInteger(1/0, "w")`),
  ends("Roman numerals of a million", `$formatInteger(100000000, "I")`),
  ends("Roman numerals without end", `$formatInteger(1e300, "I")`),
  ends("letters of a large integer", `$formatInteger(1e300, "A")`),
  ends("letters without end", `$formatInteger(1/0, "a")`),
  ends("a negative integer in letters", `$formatInteger(-1e300, "a")`),
  ends("an integer of many words", `$parseInteger("${"million ".repeat(500)}", "w")`),
  ends("an integer of a long text", `$parseInteger($pad("9", 5000000, "9"), "0")`),
  ends("an integer of Roman letters", `$parseInteger($pad("M", 5000000, "M"), "I")`),
  ends("an integer of letters", `$parseInteger($pad("z", 5000000, "z"), "a")`),
  ends("an integer with a picture of patterns", `$parseInteger("1", "(((((a+)+)+)+)+)")`),
  ends("a number of a long text", `$number($pad("9", 30000000, "9"))`),
  ends("a number in hexadecimals", `$number("0x" & $pad("f", 9000000, "f"))`),
  ends("a base that does not exist", `$formatBase(1e300, 1e9)`),
  ends("a power without end", `$power(10, 1e9)`),
  ends("a rounding to many places", `$round(1.5, 1e9)`),
  ends("a rounding to places below zero", `$round(1.5, -1e300)`),
  ends("an instant out of range", `$fromMillis(1e300)`),
  ends("an instant with a computed picture", `$fromMillis(1, $join([1..99999].("[Y0001]")))`),
  ends("an instant with a wide picture", `$fromMillis(1, "[Y,9999999-9999999]")`),
  ends("a zone that is none", `$fromMillis(1, "[Z]", "+99999999999999999999")`),
  ends("the time of the call with a picture", `$now($pad("[Y]", 20000000, "[Y]"))`),
];

const UNICODE: readonly Attack[] = [
  refused("half of a pair", `"\ud800"`),
  refused("half of a pair as a name", "`\udc00`"),
  ends("half of a pair by its code", `"\\ud800" & "x"`),
  ends("half of a pair in a web address", `$encodeUrlComponent("\\ud800")`),
  ends("a web address that is cut", `$decodeUrlComponent("%E0%A4%A")`),
  ends("marks upon marks", `$uppercase($pad("a", 5000000, "\u0301"))`),
  ends("ligatures that grow", `$uppercase($pad("ﬃ", 30000000, "ﬃ"))`),
  ends("text from right to left", `$length($pad("\u202e", 30000000, "\u202e"))`),
  ends("families of emoji", `$split($pad("x", 9000000, "👨‍👩‍👧‍👦"), "‍")`),
  ends("zeros of other scripts", `$formatNumber(1, "٠", {"zero-digit": "٠"})`),
  ends("a byte order mark", `"\ufeff" & $string("\ufeff")`),
  ends("the null character", `{"\\u0000": "\\u0000"}`),
  ends("names that look alike", `{"а": 1, "a": 2}`),
  ends("a text in four bytes each", `$base64encode($pad("😀", 20000000, "😀"))`),
];

const ESCAPES: readonly Attack[] = [
  refused("$eval", `$eval("1 + 1")`),
  refused("$eval of the input", `$eval(text)`, { text: "1" }),
  refused("$eval by another name", `($e := $eval; $e("1"))`),
  refused("$eval in $map", `$map(["1"], $eval)`),
  refused("$eval in a chain", `"1" ~> $eval`),
  refused("$eval in part", `$eval(?, 1)("1")`),
  refused("$random", `$random()`),
  refused("$shuffle", `$shuffle([1, 2, 3])`),
  refused("what is no expression", `]]]]`),
  refused("nothing but a comment", `/* */`),
  refused("a comment that does not end", `/* 1`),
  refused("a pattern that does not end", `/abc`),
  refused("a text that does not end", `"abc`),
  refused("an empty pattern", `//`),
  refused("a pattern that is none", `/(/`),
  ends("process", `process.env`),
  ends("require", `$require("fs")`),
  ends("globalThis", `globalThis`),
  ends("the engine's file", `$import("node:fs")`),
  ends("a function of the engine's in a text", `$string($each({"a": $sum}, function($v){ $v }))`),
];

export const HOSTILE_EXPRESSIONS: readonly Attack[] = [
  ...PATTERNS,
  ...RANGES,
  ...RECURSION,
  ...STRINGS,
  ...PROTOTYPES,
  ...NESTING,
  ...MEMORY,
  ...FLOODS,
  ...CYCLES,
  ...PICTURES,
  ...UNICODE,
  ...ESCAPES,
];
