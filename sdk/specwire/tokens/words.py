"""What texts have most: words, characters, and what characters come together.

Counted in public prose, code, JSON, Chinese and Japanese. Every tokenizer has most of
these whole; which of them it has nobody needs to know for an estimate. The module is
long because it is tables.
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
PAIRS: Final = frozenset(
    """
    一下 一个 一些 一位 一定 一年 一本 一条 一样 一次 一步 一点 一直 一种 一般
    一起 万元 上海 上的 下的 不仅 不会 不到 不可 不同 不好 不断 不是 不知 不能
    不要 不过 不错 世界 业的 东西 两个 两国 个人 个月 中共 中国 中央 中心 中文
    中的 为一 为了 为什 主义 主席 主要 举行 之一 之前 之后 之间 也不 也可 也很
    也是 也没 书中 书的 书记 买了 买的 了一 了我 了解 了这 事业 二十 交通 产业
    产品 产生 人们 人员 人民 人的 亿元 什么 今天 今年 介绍 他们 他的 他说 代表
    以上 以下 以使 以及 以后 以在 以来 们的 件包 件名 件的 价值 价格 价比 任何
    任务 企业 会主 会议 传统 但是 位置 住了 住的 体制 作为 作出 作品 作用 作的
    作者 使用 例如 依赖 促进 保持 信息 值得 先进 党的 入住 全国 全面 公司 共同
    关于 关系 关键 其中 其他 其实 具有 内容 内核 册页 农业 农村 农民 决定 况下
    准备 几个 出了 出口 出来 出版 出现 出的 分区 分钟 列表 创建 利用 别是 到了
    到的 制度 前台 前的 功能 加强 务员 务院 动的 努力 包含 包括 包的 化的 北京
    区的 十五 十分 升级 华社 单位 卫生 历史 原因 去年 参加 参数 参见 及时 发展
    发布 发现 发生 发行 发送 取得 受到 变化 变量 另外 只是 只有 只能 可以 可是
    可能 各种 合作 合理 同志 同时 同的 后来 启动 告诉 员会 命令 和平 商业 喜欢
    因为 因此 困难 国人 国内 国务 国家 国有 国民 国的 国际 图片 在一 在这 地区
    地址 地方 坚持 城市 基本 基础 增加 增长 壓縮 声音 处理 多的 大家 大小 大的
    好的 如何 如果 委员 子的 字符 存在 学习 孩子 它们 它的 安全 安装 完全 完成
    定的 实在 实施 实现 实行 实际 客人 家的 容易 宾馆 对于 对外 小平 小时 尤其
    就不 就是 屏幕 展的 工业 工作 工具 工程 己的 已经 市场 希望 帮助 干部 年来
    年的 并不 并且 广大 应当 应用 应该 店的 建立 建议 建设 开发 开始 开展 开放
    式的 当前 当当 形式 形成 影响 很不 很多 很大 很好 得到 心的 必须 态度 怎么
    思想 性价 总理 您的 情况 感觉 成为 成了 成功 成果 成的 我们 我国 我的 或者
    房间 所以 所有 手册 才能 执行 扶贫 找到 技术 投资 报告 报讯 报道 指出 指定
    按照 接受 控制 推荐 措施 描述 提供 提出 提示 提高 携程 操作 支持 收入 改革
    政协 政府 政治 政策 故事 效益 教育 数据 整个 文件 文化 文明 文档 新华 新的
    新闻 方便 方式 方法 方面 无法 日本 日电 早餐 时候 时间 明显 是一 是不 是在
    是很 是我 是有 显示 晚上 更多 更新 最后 最新 有一 有些 有关 有效 有点 有的
    朋友 服务 本书 本地 本报 本的 机关 机制 机器 条件 来了 来的 来说 标准 样的
    根据 根本 格式 档案 检查 模式 檔案 正在 每个 比如 比较 民族 水平 江泽 没有
    注意 泽民 活动 测试 海关 消息 消费 然后 版本 版的 特别 环境 现了 现代 现在
    理论 生产 生活 生的 用了 用于 用户 用的 由于 电池 电视 电话 的一 的不 的中
    的主 的书 的事 的人 的作 的内 的发 的同 的地 的基 的大 的小 的工 的情 的感
    的房 的文 的新 的方 的时 的是 的最 的服 的生 的第 的系 的经 的行 的话 的软
    的那 的酒 的重 的问 监督 目前 目录 目标 目的 直接 相关 相当 看了 看到 真的
    知识 知道 研究 硬件 硬盘 社会 科学 科技 积极 程中 程序 稳定 竞争 符号 第一
    第三 第二 简单 管理 类似 精神 系列 系统 素质 组织 经济 经营 经过 结合 结束
    结构 结果 给我 统一 统的 继续 维护 编译 网上 网络 美元 美国 群众 翻译 者的
    而不 而且 职工 联合 联系 能力 能够 自动 自己 自由 艺术 获得 虽然 行业 行为
    行了 行政 行版 行的 表示 要求 要的 规定 觉得 解决 解放 计划 认为 认真 让人
    让我 记者 许多 设备 设施 设置 设计 访问 证券 语言 说明 读者 调整 调查 資料
    负责 贡献 财政 责任 货币 质量 贫困 资本 资源 资金 起来 轉換 软件 输入 输出
    达到 过去 过程 运行 返回 还不 还可 还是 还有 还没 这一 这个 这么 这些 这是
    这本 这样 这次 这种 这里 进一 进入 进制 进程 进行 连接 适合 选择 选项 通常
    通过 速度 邓小 那么 邮件 部分 部长 部门 部队 都不 都是 配置 酒店 采取 里的
    里面 重新 重点 重要 重视 金融 银行 销售 错误 键盘 问题 间的 阅读 除了 集团
    需要 非常 面的 革命 项目 领导 首先 香港 驱动 默认
    """.split()
)
"""Chinese characters that stand side by side."""
ENDINGS: Final = frozenset(
    """
    あり ありがとう ありま あります ありませ ある あるいは いう いたします
    いただき いただけ いった いて いては いない いま います いる ういった うこと
    うに えば かもしれ から からの があ があり がありま がある がで ができ
    ができま ができる きま きます きますか きる きるよう くだ くださ ください
    けれども ければ ければな こういっ こと ことが ことがで ことで ことに ことにな
    ことは ことはで ことを この これ これは ございました ございます さい さらなる
    され された されて されてい されま されます される しい した して してい
    していま している してく してくだ しな しない しま します しまった しょう
    しれませ すか すべ すべて すべての する するこ すること するた するため すると
    するに するには するの せん その それ それぞれ それで たは ため ために ための
    だけ ださ ださい だった だろう った って ってい っていま っている つい ついて
    ついては てい ていな ていない ていま ています ている ているの ております てく
    てくだ てくださ ての ては であ である でき できま できます できる できるよ
    でした でしょう です ですか では ではあり ではな ではない ではなく とい という
    というこ とが とがで とができ とし として とで とに とは とはでき どの
    どのよう ない なく なけれ なければ なって なってい なら ならない なり なりま
    なります なる にあ にある にす にする につ につい について にな になって
    になり になりま になる には によ によっ によって により による のため のために
    ので のは のよ のよう のような のように はあ はあり はありま はその はでき
    はできま はな はなく ばならな への べきで ほとんど まし ました ましょう ます
    ますか ますが ませ ません また または までに めに もし もしれま もの よう
    ような ように ようにし ようにす ようにな よっ よって より よろしく らな らない
    られ られます られる りま ります りますか りませ りません るか るこ ること
    ることが ることで ることに ることは ることを るた るため るために ると るには
    るの るよ るよう るように れた れて れてい れていな れていま れている れは
    れば ればなら れま れます れませ れません れる
    """.split()
)
"""Hiragana that stand side by side."""
_COMMON: Final = (
    "一三上下不与业东两个中为主么之也书买了事二于些交产人从他代以们件价任企会但位"
    "住体何作你使供保信元先入全公关其内再农出分列利别到制前力加务动包化区十华单去"
    "参及发取受口只可台号司各合同名后向员命和品回因国在地场基場增外多大天好如子字"
    "存学它安完定实家容对导将小就展工已市常平年并应店度建开式强当形很得心必性总息"
    "情想意感成我或户房所手技把报持指据接提收改放政数整文新方无日时明是更最月有服"
    "期本机来果标样格次正此比民水求没法活济海点然版特现理生用由电的目相省看真着知"
    "示社种程立第等管系级组经结给统网置美者而能自行表被装西要见觉解计认记设话该说"
    "读调资起软较过还这进送选通道那部都配酒里重量金错长门问间需非面项题高"
)
_USUAL: Final = (
    "七万专且世両严丰串临丽举久义乎乐九习乡乱予争云互五亚享京亮亲亿什仅今介仍付令"
    "仪份伊伍休众优伟传伤伪估伴似低余佛佳例依侨便促俄修個倒候借値债值假偏做停健储"
    "像優儿允充光克免党八六兰共兴兵具典养兼册写军冬冲决况冷净准减几処击函切刊划刘"
    "则刚创初判別刷券刻削剧副割办功助努励劳効势勇動勤北匹医千升午半协卖南単占卡卫"
    "印危即却卷厂厅历压厚原县又友双反収变古句另叫召史右吃吉吗否吧含听启吴吸告呢周"
    "味呵呼哈响哪售唯商啊問善喜器四团园困围固图土圧址均坏坐块坚坛型城域培堂報境壓"
    "士声处备変复夜够太夫央失头奇奋奖套女奶她妇妈始委威孙季孩宁守宏宗官宜宝実审客"
    "宣室害宽宾寄密富察寻対封尊少尔尚尤尼尽尾局层居届屏属山岁岗岸川州左巧巨差己巴"
    "币布师希带席帮幅幕干幸广庆床序库底府座庭康延异引张弱張归录彩影彻往征径待律後"
    "徐御微德志忘応快念怀态怎怕思急恐恢恩恶悉您惠愿態慢懂戏战戴才打托执扩扬扶批找"
    "承抓投抗択护押抽担拉拍拒招拜拡拥择括拿挂按挑挥振挺捐损换授掉排探控推措描插換"
    "援搜搞携摄摆播操支攻故效救教敢散數斗料断斯於施旅族旗既旦旧早易星映春显時晓晚"
    "普景智暖暗曲書曾替朋望朝木未末术杂权李材村束条杨杯松板极构析林架某查栏树校核"
    "根案桌档桥检棉植検楚業楼概構様標模権機檔欢欧款歌止步武死殊残段母每毒毕毛气永"
    "汇汉江池決河油治泛波注泰泽洁洗津洲派流测浪浴消涉润深添清渡温港游湖湾源準满漂"
    "演激火灯灵灾為烈烦热無照熟爱父片牌物犯状独献率玉王玩环班現球瑞環甚田男画界留"
    "略番異疑疗病発登白百益监盖盘盛盟直眼睡督短石矿码研破础硬确確磁礼祖祝神票禁福"
    "离秀私科秒秘积称移稍税種稳究空突窗站竞竟章童端笑笔符答策签简算篇篮簡米类粮精"
    "素索紧累細終組経結続縮繁红约纪纯纳纷纸线练细织终绍络绝继绩续维缓编缩缺罗罪署"
    "群義翻老考职联聚股肯育背胜胞胡脏脑脚脱腐至致舒舞航般船良艰色艺节花苏若苦英范"
    "茶草荐荣药获菜营落著蓉藏虎虑虚虽融血街衡衣补製複覆見規視覧观规视览角触言計記"
    "設許訳証詳認語説読調警订讨让训议讯讲许论访证评识诉词译试诚询详语误请课谁谈谓"
    "谢象資贝负贡财责败账货质贫购贯贴贵贷贸费贺赖赛赞赠走赵赶超越趋趣足跃跟路践身"
    "転轉车转轻载辉辑输边込达迅迎运近返远违连述追退适透逐递途這速造連進遇遍過遗適"
    "選避邓邮醒采释録针钟钢钱铁银销键镇镜長開間関闻阅队防阳阶阿附际陈降限院除险陷"
    "随隔際障难雄集雨雪零雷震青静靠革音項順題页顶顺须顾顿预领额风飞食餐饭馆首香马"
    "驱驻验鲜鹏麻黄黑默鼓齐龙"
)
_TRADITIONAL: Final = (
    "丁丟並乘亞伯伺佇佈佔併來係倉倍們偉偵偽備傳僅價儘儲內兩冊冒冗刪則剩劃務匯匿區"
    "協參叢員唐啟單嘗嚴圈國圍圓圖圾垂垃埠執堆塊塞填壇壞夠學寒實寫寬寸將專尋對導尺"
    "層屬崩嵌師帳帶幣幫幻幾庫廢廣弧強彈徑從復循徹忽慣慮憶應截戶扇捕捲掃掛採掩損摘"
    "撤撥擁擇擊據擬擴敗斜斷暫會東染框條棄楨極槓槽樣樹檢檯欄權歐歡歷歸殺汙沒況洞浮"
    "混減測湊滑滾滿潰濾瀏烏燈爾牙狀獨獲產當疊發盡監盤眠瞭碟碼礎稱箭箱節範篩簇簽籤"
    "紀約級紹絕給統經維網緊緒線編緩總繪繫繼續羅習聯聲聽腦臨臺與舉舊萬蓋蔽薦蘭處虛"
    "號螢蟬術衝補裝裡覽觸訊討訪訴診註評詞詢試話該誌誤說請論謝證識譯議護讀變讓負貨"
    "責賦質賬賴跋跨跳蹤躍車軟軸較載輕輯輸辦迴逗週遊運達遞遠遮遲遵遺還邊邏郵鄰釋針"
    "鈕銷錄錯錶鍵鎖鏈鐘鑰門閉閒閘閱關阻陣階隨隱隻雖雙雜離難電靜響頁頂須預頭額顏類"
    "顯風飾餘馬驅驗體麼點鼠齊"
)
RANKS: Final[dict[str, str]] = {
    **dict.fromkeys(_TRADITIONAL, "traditional"),
    **dict.fromkeys(_USUAL, "usual"),
    **dict.fromkeys(_COMMON, "common"),
}
"""How often a character is met; those that are not here are rare."""
