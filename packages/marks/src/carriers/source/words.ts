/** Synonyms inside identifiers. The first word of a line stands for the others. */
export const groups: readonly string[] = `
    response reply answer resp result outcome rsp
    request req query call
    data payload content body blob raw material
    buffer buf chunk block piece segment
    message msg note text notice
    result outcome res output out
    value val amount entry figure
    values vals entries figures amounts
    item entry element elem piece member unit
    items entries elements elems pieces members units
    list seq series row collection
    index idx position pos place slot offset
    count total number num tally amount
    counts totals numbers tallies
    total sum overall whole aggregate
    size length extent span width
    length len size extent
    offset shift displacement start at
    start begin first head origin
    end stop finish last tail limit
    limit bound cap maximum
    host server machine target peer remote
    target dest goal subject
    port channel number service
    address addr location endpoint place
    url uri link address location
    path route location file
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
    session sess conn context
    client agent caller user consumer
    user person account member login
    token tok ticket
    line row record entry textline
    lines rows records textlines
    record row entry item
    records rows entries
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
    timeout waiting deadline delay
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
    found hit located discovered
    parsed decoded read
    encoded packed wrapped serialized
    decoded unpacked plain clear parsed
    raw plain bare unparsed original
    template pattern skeleton form
    pattern template shape regex form
    prefix lead head start stem
    suffix tail ending trailer rest
    version release revision edition ver
    kind type sort category variety
    mode variant style
    source origin src input from
    destination dest target sink goal
    input source given incoming inp
    output out product sink outgoing
    table map lookup index register
    map table lookup dictionary mapping
    group bucket cluster set bundle
    groups buckets clusters sets bundles
    queue backlog pending line waiting
    stack pile heap
    tree hierarchy forest graph
    node vertex point junction
    nodes vertices points junctions
    child sub inner
    children subs inners
    depth level nesting layer
    level depth tier layer grade
    score rating mark points grade
    best top
    answer reply response result solution
    check probe test trial inspection
    checks probes tests trials inspections
    test trial check case probe
    sample example case instance
    report summary account statement log
    summary digest overview outline recap
    word term token expression
    words terms tokens expressions
    char letter symbol glyph character
    chars letters symbols glyphs characters
    byte octet unit cell
    bytes octets units cells
    packet frame datagram unit
    packets frames datagrams
    field column member slot attribute
    fields columns members attributes
    filler padding pad fill
    padding pad filler fill
    marker mark sign flag beacon
    handler callback worker handle
    event happening
    window span frame range
    range span interval extent
    low lower lo minimum
    high upper hi maximum
    step stride increment pace advance
    ratio share fraction proportion rate
    ok success passed
    ready prepared done set
    first initial
    last final closing ending
    frame packet datagram unit
    frames packets datagrams
    stream flow feed input source
    body content payload inner
    magic signature mark stamp sign preamble
    octet unit cell byte_value ch code
    longest widest largest biggest record
    shortest narrowest smallest briefest
    least smallest lowest
    most highest biggest major
    ranked ordered sequenced
    ordered ranked sequenced
    separator delimiter divider sep delim splitter
    stripped trimmed cleaned bare
    trimmed stripped cleaned bare
    cleaned clean
    plain bare clean simple stripped
    held kept saved
    saved kept held stored
    job work
    jobs works
    task job
    tasks jobs
    work task action procedure
    turn round pass cycle lap
    round turn pass cycle lap
    heap pile stack priority
    hash hasher digester sha
    hasher digester hashing
    left lhs
    right rhs
    number num ordinal figure counter count
    num number ordinal figure counter count
    counter tally count running ticker
    problem issue fault failure exc
    issue problem
    failure fault problem err
    time moment instant when stamp timestamp
    timestamp stamp moment instant when
    due deadline scheduled planned when
    rest remainder remaining tail others
    text content string_value words
    string text characters chars literal
    line row textline entry
    held kept saved
    pair both
    point spot dot location mark
    color colour
    width breadth extent span
    root base trunk top origin
    base root bottom
    folder directory directory_path dirname location
    directory folder location
    command instruction order directive cmd
    cmd command instruction order directive
    process proc worker
    proc process worker
    thread worker
    threads workers runners
    worker thread helper
    lock latch guard mutex
    cache memo store stash
    store storage cache repository
    filter screen criterion predicate
    proxy relay intermediary gateway
    scheme protocol method transport
    method verb action
    action step move operation
    operation action step move
    domain zone area
    zone area region
    region area zone
    context setting environment
    environment env setting
    param argument option input_value setting
    params arguments inputs settings
    argument param operand input_value
    arguments params operands inputs
    variable var_name
    function fn routine procedure operation
    fn func routine procedure callback
    func fn routine procedure callback
    pid process_id proc_id
    cookie cookie_value session_cookie
    cookies cookie_values cookie_list
    link url href ref
    links urls hrefs refs
    image picture img
    sum total aggregate added
    average mean avg typical
    mean average avg typical
    rate pace speed frequency
    speed pace rate
    seconds secs sec_count duration
    minutes mins min_count
    duration span length elapsed period
    interval gap period pause
    period interval span
    choice option pick selection alternative
    choices options picks selections alternatives
    candidate option
    candidates options
    selected chosen picked elected
    chosen selected picked elected
    valid proper acceptable
    invalid bad unacceptable
    new fresh recent latest
    old former previous earlier stale
    original initial source first primary
    copy duplicate clone replica
    clone copy duplicate replica
    section part segment division
    sections parts segments divisions passages
    segment section part
    fragment piece part
    banner greeting
    greeting banner
    password passphrase passcode
    secret password passphrase
    payload content body
    nonce salt random_value
    salt nonce random_value
    seed origin start_value
    cipher encryption
    signature sign sig
    encoder serializer
    decoder parser reader
    parser reader analyser decoder
    reader parser consumer scanner
    writer producer emitter
    scanner reader
    visited seen met
    neighbor neighbour adjacent
    weight cost
    cost price weight
    price cost
    queue backlog pending_list
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
    tmp temp scratch
    parent container enclosing
    page view document
    pages views documents
    height elevation
`
    .trim()
    .split(/\s*\n\s*/)
