"""The words that English and code have most.

Counted in public prose, code and JSON. Every tokenizer has most of these whole; which
of them it has nobody needs to know for an estimate.
"""

# ruff: noqa: SIM905

from __future__ import annotations

from typing import Final

KNOWN: Final = frozenset(
    """
    abilities ability able abolish abolished abolishing abolition abort about
    above absence absolute absolutely abstract abuse academic accept acceptable
    accepted access accomplished according accordingly account accountable
    accounts accumulation accurate achieve achieved acknowledge acknowledged
    acquired across acted acting action actions active actively activists
    activities activity actual actually added adding addition additional address
    addresses adds adjust administrat administrato admit admitted adopted advance
    advanced advantage advantages advocate advocated advocates advocating affairs
    affect affected afford after again against agencies agenda agent agents
    aggregate agree agreed agreement agreements agricultural agriculture aimed
    aiming aims algorithm alias aliases alien alienated alienation align allow
    allowed allowing allows almost alone along alpha already also alternative
    alternatives although always american among amongst amount amounts analysis
    anew anguage annotations another answer answers anthropic anti anyone anything
    anyway apache apart apis apparatus apparent apparently appeal appear appeared
    appears append appendable appendix applicable application applications applied
    applies apply applying appointed approach appropriate appropriated approved
    arbitrary architectur archive areas args argue argued argues arguing argument
    arguments argv arise arises armed armies around arrangements array arrested
    arrive arrived article articles artisan artisans ascii asia aside asked asking
    asks aspect aspects aspirations assemblies assembly assert asserted assertion
    assertions asserts assistant associate associated association associations
    assume assumed assumes assuming assumption assumptions async attack attacked
    attacking attacks attempt attempted attempts attention attitude attitudes attr
    attribute attributes attrs audience audio auth authenticat authenticati author
    authoritari authorities authority authors auto autocratic automatical
    autonomous autonomy available average avoid avoided await aware awareness away
    awkward back background backoff badge balance banking banks banner bargaining
    barriers base based bases bash basic basically basis batch batches battle
    became because become becomes becoming been before began begin beginning
    begins begun behalf behavior behaviour behind being beings belief believe
    believed belong belongs below bench benchmark benefit benefits beside besides
    best beta betas better between beyond billed binary birth bits black blame
    blob block blocks blog blue bodies body book books bool boolean border bosses
    both bother botocore bottom bound bounded bounds branch branches break
    breaking breaks bring bringing brings broad broke broken brought browser
    budget buffer bugs build builder building builds built builtin builtins
    bureaucracy bureaucratic bureaucrats business button byte bytes cache cached
    call callable callback callbacks called caller calling calls came campaign
    campaigns cancel cancelled candidate candidates cannot capabilitie capable
    capacity capital capitalism capitalist capitalists care carried carry case
    cases catch category cause caused causes celsius center central centralised
    centralism centre centres centuries century certain certainly certificate
    chain challenge chance change changed changelog changes changing chapter char
    character characters charge chat chatcmpl cheap check checked checking checks
    chief child children choice choices choose chosen chunk chunks circles circuit
    cities citizens city civil claim claimed claiming claims class classes classic
    classical classifier claude clause clean clear clearly click client clients
    clock close closed closely closer cluster code codecov codegen codes coercion
    coercive cohere collapse collection collections collective collectively
    collectives color combat combination combine combined come comes coming
    command commands comment comments commercial commit commitment committed
    committee committees commodities commodity common commonjs commonly communal
    commune communes communism communist communists communities community
    compaction companies company compare compared comparison compat compatibili
    compatible compelled compete competing competition competitive competitors
    compilation compile compiled compiler complete completely completion
    completions complex compliance component components composed compressed
    compromise computer computers comrades concentrate concentrated concept
    conception concepts concern concerned concerning concerns conclude concluded
    conclusion conclusions concrete condition conditions conduct conducted conf
    conference conferences config configurati configure configured confirmed
    confirms conflict conflicts confuse confused confusion congress congresses
    connect connection connections conquest conscious consequence consequences
    consequently consider considerable considered considering considers consistent
    consistently consists console const constant constantly constants constitute
    constitutes construct constructive constructor consumer consumers consumption
    contact contain contained container containing contains content contents
    context continual continually continue continued continues contract contracts
    contrary contrast contribute contributed contribution contributor control
    controlled controller controlling controls conversion convert convince
    convinced convincing copies copy copying copyright core corporate corporation
    corporations correct correctly correspondi cost costs could council councils
    count countries country counts course courts cover coverage cpan create
    created creates creating creation creative credentials credit crime crisis
    criteria critical criticism critics critique cross crush crushed crushing
    crypto cryptograph cultural culture currency current currently cursor custom
    customer customers cutting cycle daily damage danger dangerous dangers data
    database date dates david days dead deadline death debate debian debug
    debugging decades decide decided decision decisions decisive declare declared
    decline decode decoder decrease decree dedicated deep deeply deepseek default
    defaults defeat defeated defence defend defended defender defenders defending
    defer define defined defines defining definitely definition definitions
    degeneration degree delay delegate delegates delegation delete deleted
    deliberately delta demand demanded demanding demands democracy democratic
    denial denied denies denounced denying depend dependencie dependencies
    dependency dependent depending depends deprecated depth derived describe
    described describes description designed desire desired desires despite
    despotism destroy destroyed destroying destruction destructive detail detailed
    details determine determined determines determining develop developed
    developers developing development developments develops device dialect dict
    dictatorial dictatorship dictionary dicts didn diff differ difference
    differences different difficult difficulties difficulty digits dignity direct
    directed direction directly directories directory disable disagree disappear
    discipline discover discovered discuss discussed discusses discussing
    discussion disk dismiss dismissed display disruption dist distinct distinction
    distinctly distorted distortions distribute distributed distributio
    distribution district diversity divide divided division docs doctrine document
    documentati documentatio documented documents does doesn doing domain dominant
    dominate dominated domination done doomed door double doubt doubtful down
    download drawn drive driven driver drivers drives drop dropped dump duration
    during dynamic each earlier early easier easily east easy ecological economic
    economically economics economies economist economists economy edge edges edit
    edits education effect effective effectively effects efficiency efficient
    effort efforts egalitarian either elect elected election elections element
    elements elif eliminate eliminated eliminating elimination elite elites else
    elsewhere email emancipation embedded embrace embraced emit emphasis empirical
    employ employed employees employer employers employment empty enable enabled
    encode encoded encoding encourage encouraged encouraging ended endif ending
    endpoint ends enemies enemy energy enforce enforced enforcing engine engines
    english enjoy enormous enough enrich ensure ensured ensures ensuring enter
    enterprise enterprises entire entirely entitled entries entry enum environment
    equal equality equally equals equilibrium equipment equires equivalent error
    errors escape eslint especially essay essence essential essentially establish
    established ethical evaluating even event events eventually ever every
    everybody everyday everyone everything everywhere evidence evil evils
    evolution evolve exact exactly example examples exceeded excellent except
    exception exceptions excess exchange exclude excluded exclusive exclusively
    execute executed executing execution executive exercise exercised exist
    existed existence existing exists exit expand expansion expect expected
    expense experience experienced experiences experiment experimenta explain
    explained explains explanation explicit explicitly exploit exploitatio
    exploitation exploitative exploited exploiting exponential export exports
    exposed express expressed expression expressions extend extended extends
    extension extensions extensive extent extern external extra extract extreme
    extremely faced facing fact factor factories factors factory facts fahrenheit
    fail failed failing fails failure faith fallacy fallback falling falls false
    families family famous farmers fascism fascist fashion fast faster fault
    faults favour favoured feature features federal federalism federation
    federations feeling feelings fellow fetch fetched field fields fight fighting
    figures file filename files filesystem fill filter final finally finance
    financial find finding finds fine fingerprint finish firms first fitness five
    fixed fixes flag flags flat flawed float flows flush focus folder follow
    followed followers following follows footer force forced forces forcing
    foreign forget form formal format formation formed former forming forms forth
    forward fought found foundation foundations founded four frame framework free
    freedom freely french frequency frequently friends from front frozen full
    fully func function functionali functions fundamental funding funds further
    future gained gains gemini general generally generate generated generates
    generation generator generic genuine getattr gets getting github gitter give
    given gives giving glob global globals gmail goals goes going gone good goods
    govern governed governing government governmental governments gradually
    granted graph graphical great greater greatest greatly grep groq ground
    grounds group groups grow growing growth guarantee guard guide gzip half hand
    handed handle handler handling hands happen happened happens happy hard harder
    hardly harmful hasattr hash have haven having head header headers health heart
    heavily height held hello help helped helping helps hence here hierarchical
    hierarchies hierarchy high higher highest highly himself hired historian
    historical historically history hold holding holds home homepage honest hook
    hooks hope hopes host hostile hosts hour hours housing however href html http
    https httpx human humanity hundred hundreds icense idea ideal ideals ideas
    idempotency identical identified identifier identifiers identify ideological
    ideology ifdef ifndef ignorance ignorant ignore ignored ignores ignoring image
    images imagine immediate immediately impact impl implement implementat
    implementati implemented implements implications implicitly implied implies
    imply import importance important importantly imported imports impose imposed
    imposing imposition impossible improve improvement improvements inactive
    incapable include included includes including income incomes incompatibl
    incompatible increase increased increases increasing increasingly indeed
    indent independence independent index indicate indicated indicates indicating
    indirectly individual individuali individuals industrial industries industry
    inequalities inequality iners inevitable inevitably inflation influence
    influenced influences info information informed inherent inherently init
    initial initialize initially initiative injustice inline inner input insert
    inside insight inspired install installatio installation installed installing
    instance instances instead institution institutions instruction instructions
    instrument instruments insurrection integer integration integrity intellectual
    intelligence intended interaction interest interested interesting interests
    interface interference internal interpreter intervention into introduce
    introduced introducing introduction invalid inventory invest investment
    investments invoice invoke involve involved involves ions ironic ironically
    irrelevant isaac isaacs isinstance isolated isolation issue issued issues item
    items iter iterable iterator itself java jest jitter jobs john join joined
    joining joint journal json jsonschema judge judgement just justice justified
    justify justifying keep keeping keeps kept kernel keys keyword keywords kind
    kinds know knowing knowledge known knows kropotkin label labour labourer
    labourers labouring lack lacking lambda land landlord landlords lang language
    languages large largely larger largest lassifier last latency later latest
    latter lazy lead leader leaders leadership leading leads learn learned least
    leave leaves leaving left legacy legal legitimate length lenin less lesson
    lessons letter level levels liberal liberalism liberation libertarian
    libertarians liberties liberty libraries library license licensed licenses
    lient life light like likely likes likewise limit limitations limited limiter
    limits line lines link linked linker links lint lintfix linux list listed
    lists lite literal little live lived lives living llvm load loaded loader
    loading loads local locale location lock logic logical logically logo logprobs
    logs long longer longest look looked looking looks lookup loop lost love lower
    machine machinery machines macro made magic mail mailing main mainly
    mainstream maintain maintained maintainers maintaining maintains major
    majority make makefile makes making manage managed management manager managers
    managing mandated manifest manifests manner manual many mapping margin
    marginal mark markdown marked market markets mass masses massive master
    masters match matches matching material materials matter matters maximise
    maximum mean meaning meaningful means meant measure measures mechanism media
    medium meeting meetings member members membership memory mention mentioned
    merchantabil merely message messages meta metadata method methods microsoft
    middle might militant militants military militia militias million millions
    mime mind minds minimal minimum minipass minor minorities minority minute
    minutes missing mistake mistakes mocha mock mode model models modern
    modificatio modified modify module modules moment money monopolies monopoly
    months moral more moreover most mostly move moved movement movements moving
    much multi multipart multiple must mutual mutualism mypy name named namely
    names namespace narrow nation national nations native natural naturally nature
    near nearly necessarily necessary necessity need needed needless needs
    negative neither nested network neutral never newer news next nineteenth
    nobody nock node nodes none nonsense normal normalize note noted notes nothing
    notice notices noting notion npmcli npmjs nsetattr null nullptr number numbers
    numeric numerous obedience object objection objective objects obliged obtain
    obtained obvious obviously occupations occur occurred occurs offer offered
    offers office officers official officials offset often older once ones only
    ontent onwards open openai openapi opened openssl operate operating operation
    operations operator opinion opinions opponents opportunity oppose opposed
    opposing opposite opposition oppressed oppression oppressive optimize option
    optional options opts order orders ordinary organ organisatio organisation
    organise organised organising organizatio organs origin original ossl other
    others otherwise ought ours ourselves outcome outer output outside over
    overall overcome overflow overlay overloaded override overthrow overwritten
    owned owner owners ownership owning pack package packages packaging padding
    page pages pair pamphlet paper parallel param parameter parameters params
    parent parse parsed parser parsing part partial partially participate
    particular particularly parties partly parts party pass passed passing past
    patch path paths pattern pause paused paying payment peace peasant peasantry
    peasants peer penalty pending people percent perfect perfectly perform
    performance perhaps period periods perl permanent permission permissions
    person personal personality persons perspective perspectives philosophy phone
    physical pickle picture piece pieces pipeline place placed places placing
    plain plan planet planned planning plans plant platform played plays please
    plugin plus point pointed pointer pointing points police policies policy
    political politically politicians politics pollution pool popular population
    port position positions positive posix possession possessions possibility
    possible possibly post postlint posttest postversion potential potentially
    poverty power powerful powers practical practice practices practised pragma
    precisely predicted prefer preferred prefix prepare prepared prepublish
    present presented presents preset presnap press pressure pressures pretest
    prettier pretty prevent preversion previous previously price prices primarily
    primary principle principles print printf println priority prison private
    privilege privileged privileges probably problem problems proc process
    processes processing proclaimed produce produced producer producers produces
    producing product production productive productivity products professional
    profile profit profits program programme programming programs progress project
    projects promise promises promote prompt propaganda proper properly properties
    property proportion proposals propose proposed props protect protected
    protecting protection protest protests protocol prototype prove proved proven
    proves provide provided provider providers provides providing proxy public
    publicly publish published pure purely purpose purposes pursue push putting
    pwned pydantic pypi pytest python pyversions quality quantity query question
    questions queue queued quick quickly quiet quite quota quote quoted quotes
    quoting qwen radical radically radicals raise raised raises random range ranks
    rapidly rarely rate rates rather rational rationale reach reachable reached
    reaction reactionary read readable reader reading readme reads readthedocs
    ready real realisation realise realised reality really reason reasoning
    reasons rebel rebellion rebels recall receipt receive received recent recently
    recognise recognised recognising recognition recommended record recorded
    recursive redirect redirects redistribut reduce reduced reduces reducing
    reduction refer reference references reflect reflected reflects reform
    reformist reforms refusal refuse refused refuses refusing refute regard
    regarded regardless regards regime regimes region regional regions register
    registry regular regularly reject rejected rejecting rejection rejects related
    relation relations relationshi relationship relative relatively release
    releases relevant religion religious remain remained remaining remains
    remember remote remove removed removing rename render repeat repeated
    repeatedly repeating replace replaced replacement replaces replacing replies
    reply report reported reporter reporting reports repository repr represent
    represented representing represents repressed repression repressive republic
    request requests require required requirements requires research reserved
    reset resilience resist resistance resolution resolve resource resources resp
    respect respective response responses responsible rest restrict restricted
    restricting restriction restrictions rests result resulted resulting results
    resume retain retries retry return returned returns revenue reverse revolt
    revolution revolutiona revolutions reward rhetoric rich right rightly rights
    rise rising robert rogramming role roles root rooted roots rothbard round rows
    rror rule ruled ruler rulers rules ruling runner running runs runtime rural
    russian safe safety said sailors same sample sandbox satisfy save saying says
    scalar scale schema schemas scheme schlueter school schools science scientific
    scope score script scripts search second seconds secret section sections
    sector sectors secure security seed seeing seek seeking seeks seemed seems
    seen seize seized seizing seizure select selected selector self selling
    semicolon semver send sending sends sense sent separate separated sequence
    series serious seriously serve server servers serves service services session
    setattr sets setting settings setup setuptools seven several shall shape
    shaped share shared shares sharing shell shields shift shipped shipping short
    should show showed showing shown shows side sign signal signals signature
    signed significant sigstore similar similarities similarly simple simply
    simstudio since single site situation situations size sizeof skip slave
    slavery slaves sleep slice slightly slogan slots slow small smaller snap
    snapshot snapshots social socialism socialist socialists socially societies
    society socket software soldiers solely solidarity solution solutions solve
    solved some somehow someone something sometimes somewhat sonnet soon sort
    sorted sortedconta sought sound source sources sovereign sovereignty soviet
    soviets space speak speaking spec special specific specifically specificati
    specified specs specwire speech spend spending spent spirit spite split
    sponsors spontaneous spread spring sqlite stable stack stage stand standard
    standards standing stands start started starting starts startswith stat state
    stated statement states static stating statism statist stats status statuses
    stay stays stderr stdin stdout step steps still stock stood stop stopped store
    stored strange strategy stream streaming streams street streets strength
    stress stressed stresses strict strictly strike strikers strikes striking
    string strings strip strong stronger strongly struct structure structured
    structures struggle struggles studio study style subclass subject subjected
    subjects submit subordinate subscribe subsequent substantial succeed success
    successful successfully such suffer sufficient suggest suggested suggesting
    suggestions suggests suitable suite summarised summarises summary super
    superior supplied supply support supported supporters supporting supports
    supposed suppress suppression sure surely surplus surprise surprised
    surprising survival survive switch symbol symbols sync syndicalism syndicalist
    syndicalists syndicates synopsis syntax system systemd systems table tabs
    tactics tags take taken takes taking talk talking tape target targets task
    tasks tatus taxation taxes technical techniques technology tell tells
    temperature template temporary tenants tended tendencies tendency tends term
    termed terminal terminate termination terms terrible territory test testing
    tests text texts than thanks that their them themselves then theoretical
    theories theory there thereby therefore these they thing things think thinkers
    thinking third this those though thought thoughts thousand thousands thread
    threading threads threat threatened three through throughout throw thus
    tidelift time timeout times timestamp tion title today together token tokens
    told tolerate tool tools topic total totally toward towards towns trace
    tracker trade tradition traditional transfer transform transformed
    transforming transition translate translation transport treat treated tree
    trick tried tries troops true truly trust truth trying tsconfig tshy tucker
    tuple turn turned turning turns type typed typedef typedoc typeof types
    typescript typical typically typing tyranny uint ultimate ultimately unable
    undef undefined under underlying undermine undermined undermining understand
    understood undoubtedly unemployed unemployment unequal unexpected unicode
    union unionism unions unique unit united units unity universal unix unknown
    unless unlike unlikely unset unsigned unstable unsurprising until unused
    update updated upload upon upper uprising upstream upwards urban urged urgency
    urllib urls usage used useful user users uses using usual usually usury util
    utilised utilities utility utils utterly valid validate validation validity
    value values vanguard variable variables variant variety various vars vector
    verbose verify version versions very vested viable victims victory video view
    viewed viewpoint views village villages violation violence violent virtual
    virtually vision voice void voluntarily voluntary voting wage wages wait
    waited waiting waits walk want wanted wants warn warning warnings warranties
    warranty waste water ways weakness wealth wealthy weapon weather website
    weight welfare well went were what whatever when where whereas whether which
    while white whitespace whole whose wide widely wider widespread width wiki
    will willing window windows winning wire wish wishes with within without women
    wonder word words work worked worker workers workflow workflows workforce
    working workings workplace workplaces works workspace workspaces world worse
    worst worth would wrapper write writer writes writing writings written wrong
    wrote yaml year years yield ynamic young your yourself ython zero zone
    """.split()
)
"""Words of four letters and more, in English and in code."""
