/**
 * Words that name the same thing inside an identifier. The first of a line is what the others stand for.
 */
export const groups: readonly string[] = `
    response reply answer resp result outcome rsp
    request req query ask call
    data payload content body blob raw material
    buffer buf chunk block piece segment
    message msg note text notice
    result outcome res output out produced
    value val amount entry figure
    values vals entries figures amounts
    item entry element elem piece member unit
    items entries elements elems pieces members units
    list seq series row collection
    index idx position pos place slot offset
    count total number num tally amount howmany
    counts totals numbers tallies
    total sum overall whole aggregate
    size length extent span width
    length len size extent
    offset shift displacement start at
    start begin first head origin opening
    end stop finish last tail limit
    limit bound cap ceiling maximum
    host server machine target peer remote
    target dest goal victim aim subject
    port channel number service
    address addr location endpoint place
    url uri link address location
    path route location file way
    file document handle source stream
    filename file path document
    name label title ident called
    names labels titles idents
    key ident tag selector handle
    keys idents tags selectors
    header head field preamble prefix
    headers fields heads preambles
    socket sock conn link pipe channel
    connection conn link session line
    session sess conn context visit
    client agent caller user consumer
    user person account member login
    token ticket cookie credential secret
    line row record entry textline
    lines rows records textlines
    record row entry item tuple
    records rows entries tuples
    part piece fragment section portion segment
    parts pieces fragments sections portions segments
    match hit found occurrence finding
    matches hits findings occurrences
    error err failure problem fault exc
    errors failures problems faults
    exc err error failure problem
    status state code outcome condition
    code status number kind
    state status condition mode stage
    flag marker switch bit toggle
    flags markers switches bits
    option setting choice opt preference
    options settings choices opts preferences
    config settings conf cfg setup
    args arguments params options opts
    timeout patience waiting deadline delay
    delay pause wait interval gap
    retries attempts tries rounds
    attempt try round turn pass
    attempts tries rounds turns passes
    time moment instant when stamp
    now moment current instant
    started began start begun opened
    elapsed passed taken spent duration
    digest hash checksum fingerprint sum
    checksum digest sum hash check
    expected wanted desired due awaited
    actual real seen observed got
    current present active running this
    previous prior last former earlier
    next following coming subsequent upcoming
    left remaining rest pending
    remaining left rest outstanding pending
    pending waiting queued open outstanding
    done finished complete ready closed
    seen visited known met observed
    found hit located discovered spotted
    parsed decoded read understood analysed
    encoded packed wrapped coded serialized
    decoded unpacked plain clear parsed
    raw plain bare unparsed original
    template pattern skeleton mould form
    pattern template shape regex form
    prefix lead head start stem
    suffix tail ending trailer rest
    version release revision edition ver
    kind type sort category variety
    mode manner way variant style
    source origin src input from
    destination dest target sink goal
    input source given incoming inp
    output out product sink outgoing
    table map lookup index register
    map table lookup dictionary mapping
    group bucket cluster set bundle
    groups buckets clusters sets bundles
    queue backlog pending line waiting
    stack pile heap tower
    tree hierarchy forest graph
    node vertex point junction
    nodes vertices points junctions
    parent owner above holder
    child sub inner below offspring
    children subs inners offspring
    depth level nesting layer
    level depth tier layer grade
    score rating mark points grade
    best top winner finest leading
    answer reply response result solution
    check probe test trial inspection
    checks probes tests trials inspections
    test trial check case probe
    sample example specimen case instance
    report summary account statement log
    summary digest overview outline recap
    word term token expression
    words terms tokens expressions
    char letter symbol glyph character
    chars letters symbols glyphs characters
    byte octet unit cell
    bytes octets units cells
    packet frame datagram parcel unit
    packets frames datagrams parcels
    field column member slot attribute
    fields columns members attributes
    filler padding pad stuffing fill
    padding pad filler stuffing fill
    marker mark sign flag beacon
    handler callback worker handle
    event happening signal occasion
    window span frame range stretch
    range span interval stretch extent
    low lower lo floor minimum
    high upper hi ceiling maximum
    step stride increment pace advance
    ratio share fraction proportion rate
    ok good fine success passed
    ready prepared done set
    first leading initial opening front
    last final closing ending rear
    frame packet datagram parcel envelope unit
    frames packets datagrams parcels envelopes
    stream flow feed bytestream input source raw_stream
    body content payload inner matter substance
    magic signature mark stamp sign preamble
    octet unit cell byte_value ch code
    longest widest largest biggest greatest record
    shortest narrowest smallest briefest tiniest
    least smallest lowest lesser minor
    most highest greatest biggest major
    ranked ordered sequenced arranged graded
    ordered ranked arranged sequenced
    separator delimiter divider sep delim splitter
    stripped trimmed cleaned bare tidy pruned
    trimmed stripped cleaned bare tidy pruned
    cleaned tidy clean neat scrubbed
    plain bare clean simple stripped
    held kept saved swapped stashed parked
    saved kept held stashed stored
    job work duty chore errand assignment
    jobs duties chores errands assignments works
    task job duty chore errand
    tasks jobs duties chores errands
    work task action doing effort procedure
    turn round pass cycle lap
    round turn pass cycle lap
    heap pile mound stack priority
    hash hasher digester summer sha
    hasher digester hashing summer
    left lhs near_side lower first_child
    right rhs far_side upper second_child
    number num ordinal figure counter count
    num number ordinal figure counter count
    counter tally count running ticker
    problem trouble issue fault failure exc
    issue problem trouble matter concern
    failure fault breakdown mishap problem err
    time moment instant when stamp timestamp
    timestamp stamp moment instant when
    due deadline scheduled planned when
    rest remainder remaining leftover tail others
    text content prose string_value words wording
    string text characters chars literal
    line row textline entry
    held kept saved stashed
    pair couple duo twosome both
    pairs couples duos twosomes
    point spot dot location mark
    color colour shade hue tint
    width breadth extent span
    height tallness rise altitude
    root base trunk top origin
    base root foundation ground bottom
    folder directory directory_path dirname location
    directory folder dirpath location
    command instruction order directive cmd
    cmd command instruction order directive
    process proc worker running_process activity
    proc process worker activity
    thread worker runner strand lane
    threads workers runners strands lanes
    worker thread runner helper hand
    lock latch guard mutex gate
    cache memo store stash hoard
    store storage cache depot repository
    filter sieve screen criterion predicate
    proxy relay intermediary gateway middleman
    scheme protocol method transport
    method verb action way manner
    action deed step move operation
    operation action step move deed
    domain zone realm area territory
    zone area region district sector
    region area zone stretch district
    context setting environment surroundings circumstances
    environment env setting surroundings
    param argument option input_value setting
    params arguments inputs settings
    argument param operand input_value
    arguments params operands inputs
    variable var_name unknown quantity
    function fn routine procedure operation
    fn func routine procedure callback
    func fn routine procedure callback
    pid process_id proc_id procnum
    cookie crumb token session_cookie
    cookies crumbs tokens
    form sheet blank questionnaire
    page sheet leaf screenful
    pages sheets leaves screenfuls
    link url href hyperlink ref
    links urls hrefs hyperlinks refs
    image picture img graphic
    sum total aggregate added running_total
    average mean avg typical
    mean average avg typical
    rate pace speed frequency tempo
    speed pace rate velocity tempo
    seconds secs sec_count duration
    minutes mins min_count
    duration span length elapsed period
    interval gap period spacing pause
    period interval span stretch
    choice option pick selection alternative
    choices options picks selections alternatives
    candidate option contender nominee prospect
    candidates options contenders nominees prospects
    selected chosen picked elected
    chosen selected picked elected
    valid good sound proper acceptable
    invalid bad unsound improper unacceptable
    new fresh recent latest
    old former previous earlier stale
    original initial source first primary
    copy duplicate clone replica twin
    clone copy duplicate replica twin
    section part segment division passage
    sections parts segments divisions passages
    segment section part stretch slice_part
    fragment piece scrap shard part
    banner greeting welcome motto headline
    greeting banner welcome salute
    password passphrase secret passcode
    secret password passphrase confidential
    payload content cargo load body freight
    nonce salt once random_value
    salt nonce seasoning random_value
    seed origin start_value germ
    cipher encryption coder scrambler
    signature sign seal autograph sig
    encoder coder packer serializer
    decoder parser unpacker reader
    parser reader analyser decoder
    reader parser consumer scanner
    writer producer emitter author
    scanner reader prober sweeper
    visited seen met explored
    neighbor neighbour adjacent next_door
    weight load mass heft cost
    cost price expense charge weight
    price cost charge fee
    queue backlog pending_list waiting_list line_up
    i idx index pos at_index ii k n m
    j jdx inner inner_index jj k m q
    k kk key third m w
    n num count total nn m
    x value item v elem xx u w z
    y other second yy w u z
    a first left one aa u
    b second right two bb w
    c ch char letter cc
    f fh handle file stream fp
    s text string st line ss
    p part piece point pp
    r res row reply rr
    e err exc error problem ex
    m match hit found mm
    d mapping table dd record
    v value val vv item
    t tick turn moment tt
    h head height hh
    tmp temp scratch interim spare
`
    .trim()
    .split(/\s*\n\s*/)
