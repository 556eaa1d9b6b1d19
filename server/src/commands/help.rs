//! `zhunsheng help [命令]`: what each command is for, in Chinese.

use super::failure::{Failure, Outcome};
use super::terminal::Terminal;

const OVERVIEW: &str = "\
准绳 zhunsheng —— 县域依法行政全程记录与办理系统

用法：zhunsheng 命令 [选项]

命令：
  init      设立真实的县：写入设立记录和首位管理员
  demo      建立并启动演示县（演示数据，与实际工作无关）
  serve     启动真实的县
  act       用令牌在运行中的县登记事项、办理一步（脚本用，规则与页面相同）
  paper     用令牌从运行中的县取一份文书（PDF、DOCX）或者一件的卷宗
  figures   由记录计算各项数字，并与口径核对
  credit    信用信息报送：报没报全（credit coverage），校验批量文件（credit check）
  clock     计算一个法定期限并写明理由，或者核对一组期限算例
  calendar  录入或查看放假安排（calendar load、calendar show）
  law       检查法规定义（law check），列出期限（law limits），法规修改的影响（law impact）
  statutes  法规库：导入、查看、对照法规全文
  record    全程记录：核验（verify）、审计（audit）、导出（export）、凭证（prove、check-proof）、抽查（sample）
  backup    备份为一个文件
  restore   从备份恢复，或只检查备份（--verify）
  move      把县域数据在 SQLite 文件和 PostgreSQL 数据库之间搬迁
  bench     测量：每秒多少步、页面多快、与本机下限的比值（只用于演示县）
  witness   存证单位：跟踪一个或几个县的全程记录并共签（不需要县的数据）

各命令都可用：
  --data 目录       数据目录，默认 data（或环境变量 ZHUNSHENG_DATA）
  --database 地址   PostgreSQL 数据库（或环境变量 ZHUNSHENG_DATABASE），
                    省略时用数据目录中的 SQLite 文件
  --help         本命令的说明

退出码：
  0  正常        1  已完成，但有发现（问题、差异、数字不符）
  2  用法错误    3  故障（没有改动原有数据）";

const INIT: &str = "\
用法：zhunsheng init --county 区划代码 [选项]

在空的数据目录中设立一个真实的县。设立是全部记录中唯一没有事先授权的行为，
以后每次核验都会指明它。首位管理员的一次性口令只显示一次，首次登录必须修改。

选项：
  --county 代码          六位县级行政区划代码，如 211224（必填）
  --name 名称            县名；省略时按随附的区划资料取得
  --administrator 姓名   首位管理员姓名，默认“系统管理员”
  --login 账号           首位管理员登录名，默认 admin
  --data 目录            数据目录，默认 data";

const DEMO: &str = "\
用法：zhunsheng demo [选项]

打开演示县；数据目录中还没有时，先按脚本逐日模拟办理生成。
演示数据与昌图县实际工作无关；不能作为真实的县打开，反之亦然。

选项：
  --scenario 名称或文件   changtu（默认）、small（约五十分之一）或 TOML 文件
  --port 端口             默认 8826
  --no-serve              只生成，不启动网页服务
  --data 目录             数据目录，默认 data";

const SERVE: &str = "\
用法：zhunsheng serve [选项]

启动真实的县的网页服务。演示数据不能作为真实的县打开。
随程序更新的法规定义，检查无误后在启动时自动采用，并记入全程记录。
启动时向存证单位核对：记录比它们见证过的旧，或者是另一个版本的，不启动。

选项：
  --port 端口              默认 8826（或环境变量 ZHUNSHENG_PORT）
  --accept-rollback 理由   没有更新的备份时，接受退回旧版本；记入全程记录
  --time-checked           系统时间已经核对无误（距最近一项记录超过四百天时，须写明才启动）
  --data 目录              数据目录，默认 data

系统时间早于最近一项记录五分钟以上，或者在运行中跳变的，暂停记录，查询照常；
校正后自动恢复。

环境变量：
  ZHUNSHENG_ADDRESS         监听地址，默认 127.0.0.1
  ZHUNSHENG_HTTPS=1         访问者经 HTTPS 代理而来
  ZHUNSHENG_PUBLIC_URL      对外的网址，印在文书的二维码里；不写的，用打印者所用的网址
  ZHUNSHENG_TRUSTED_PROXY   可信代理的地址或网段，逗号分隔
  ZHUNSHENG_CONNECTIONS     同时连接数上限，默认 2048
  ZHUNSHENG_CA              对外 HTTPS 所信任的根证书（PEM），默认用系统的
  ZHUNSHENG_CREDIT_TOKEN    信用平台发给县里的凭据；接口在名册里登记
  ZHUNSHENG_CREDIT_HOST     准许交给的信用平台主机，可以带端口；不写的，一律不交
  ZHUNSHENG_DEPOSITED       存证文件的位置，默认在数据目录的 keys/deposited；
                            放在另一块盘上，整个目录被换成旧的也能发现
  ZHUNSHENG_PORTALS         哪些门户网站可以在自己的页面里显示本站公开页面，逗号分隔，只写域名
  ZHUNSHENG_CITIZEN_DAYS    群众多少天没有用手机号进来的，重新核对本人的事项，默认 30，0 至 90
  ZHUNSHENG_LOG             日志级别，默认 info";

const FIGURES: &str = "\
用法：zhunsheng figures [选项]
      zhunsheng figures yearly [--year 年度] [--organ 机关代码] [--json]

由记录计算各项数字，并与其口径（等于、余、近、超）核对。
尚未接入的数字列为“未接入”。只要有一项不符，退出码为 1。
figures yearly 是行政执法统计年报；指定机关的，不列罚没金额（行政处罚法第七十四条）。

选项：
  --as-of 日期   截至该日终了时县里已记录的内容，如 2024-10-26
  --json         输出 JSON 数组
  --data 目录    数据目录，默认 data";

const ACT: &str = "\
用法：zhunsheng act 程序 [步骤] [字段=值 …] --token 文件 [选项]
      zhunsheng act 事项编号 步骤 [字段=值 …] --token 文件 [选项]

经接口（/api/v1）登记一件新事项，或者在一件事项上办理一步。能办什么、不能办什么，与令牌
所属岗位的人在页面上完全一样：不能办的逐条说明理由、依据、下一步，退出码为 1，什么也不记录。

选项：
  --token 文件         接口令牌所在的文件（必填；令牌由系统管理员按岗位签发）
  --server 地址        默认 http://127.0.0.1:8826；在别的机器上运行的必须是 https://
  --command 文件       整个请求的 JSON（- 为标准输入）；下面各项在它之上补充
  --party JSON         当事人，可以多次，如 '{\"role\":\"respondent\",\"kind\":\"natural\",\"name\":\"…\"}'
  --officer 编号       在场的执法人员（令牌本人除外），可以多次
  --assignee 编号      承办人
  --place 代码         地点
  --reason 理由        通用步骤、补录和越过内控提示时的理由
  --manner JSON        怎样录入，如 '{\"kind\":\"late\",\"person\":\"…\",\"day\":\"2024-10-20\"}'
  --file 种类=文件     材料；签批原件的种类是 original，可以多次
  --key 文字           幂等键，8 至 64 个字符：同一个键再来一次，得到第一次的结果；默认随机
  --json               输出接口的原样答复";

const PAPER: &str = "\
用法：zhunsheng paper 事项编号 第几份 --token 文件 --out 文件 [--form pdf|docx] [--server 地址]
      zhunsheng paper 事项编号 main|inner --token 文件 --out 文件 [--server 地址]

经接口（/api/v1）取一件事项的一份文书（PDF 或者 DOCX），或者装订好的正卷（main）、副卷（inner）。
能取什么，与令牌所属岗位的人在页面上一样；工作秘密不能取。第几份从 1 起，次序同事项页。
照片和扫描件只装订在页面上取的副卷里；不覆盖已有文件。";

const CREDIT: &str = "\
用法：zhunsheng credit coverage [选项]
      zhunsheng credit check 文件.csv [--category 类别] [--json]
      zhunsheng credit batch --token 文件 [--server 地址] [--json]
      zhunsheng credit batch 批次 文件名 --token 文件 --out 文件 [--server 地址]

coverage：应当报送信用信息的决定，报没报、按没按时，逐个机关列出，漏报的逐条列明。
没有提供办件清单的机关写明分母未提供，不计算比例。有漏报或者分母未提供的，退出码为 1。
check：按报送规则校验一份批量文件（第一行是数据项编号），不需要县的数据；有问题的退出码为 1。
batch：经接口组成一个批次（校验没有通过的留下，退出码为 1），或者取批次的文件，文件名如
penalty.csv、penalty.xlsx、penalty.json；与令牌所属岗位的人在页面上一样，不覆盖已有文件。

选项：
  --from 日期 --to 日期   决定日期的起止，默认本年至今
  --category 类别         penalty（默认）、licence
  --json                  输出 JSON
  --data 目录             数据目录，默认 data";

const CLOCK: &str = "\
用法：zhunsheng clock --statute 法名 --article 条 --phrase 原文 --start 日期 [选项]
      zhunsheng clock --vectors 文件或目录… [--json] [--statutes 目录]

计算一个法定期限届满的日子，并写明怎样数出来的。“日”是不是工作日、最后一日
是否顺延，由各部法规自己的规定决定；条文没有写明的，不替你选择。
缺放假安排的年份是错误，不作推算。

一个期限：
  --statute 法名       简称、全称或者通称，如 行政处罚法
  --edition 日期       版本：通过、修订或者修正之日；省略时为起算之日有效的版本
  --article 条         如 60、第六十条、§64(1)
  --phrase 原文        条文中写期限的字句，如 九十日、七个工作日、举行听证的七日前
  --limit \"90 day\"     直接写明：day 自然日，work_day、month、year、hour，\"fixed 01-31\"
  --start 日期         起算之日；向前倒算的为将来之日；小时如 2024-10-26T15:30
  --exclude 甲..乙     不计入的期间：不计入的第一日..恢复计算的第一日，可以多次
  --extend \"30 day\"    延长，自原届满之日接续；可以多次
  --restart 日期       自该日重新计算
  --backward  --min  --party  --roll  --no-roll
                       向前倒算；最短期限；当事人的期限；最后一日顺延与否
  --days               逐日列出：计入第几日，或者为什么不计入

算例（格式见 vectors/cn-admin-time/README.md）：
  --vectors 文件或目录 逐个计算并与所给结果比较；有不同时退出码为 1
  --statutes 目录      法规文本（法名(通过日期).md）：核对条文和原文字句

  --law 目录           法规资料所在目录；省略时用随程序的资料
  --json               输出 JSON";

const CALENDAR: &str = "\
用法：zhunsheng calendar load 文件 [选项]
      zhunsheng calendar show 年份 [选项]

load  录入国务院办公厅一年的放假安排（或其更正），作为一项记录；所有进行中的
      期限重新计算，列出变动：原日期 → 新日期。服务运行时，请由系统管理员在
      “放假安排”页（/admin/calendar）录入，不用停止；这条命令在服务停止时用。
      文件格式同随程序的 law/calendars/2026.toml。
show  列出一年的放假和调休上班日。没有录入的年份是错误，不作推算。

没有录入安排的年份，期限暂按周一至周五计算，各页标明“暂定”；
暂定的日期不触发期满后果，不放行，也不终结权利。

选项：
  --json        输出 JSON
  --data 目录   数据目录，默认 data";

const LAW: &str = "\
用法：zhunsheng law check [--law 目录] [--statutes 目录 [--lock]] [--all] [--json]
      zhunsheng law limits [--json] [--law 目录] [--on 日期]
      zhunsheng law impact --statute 法规 --from 版本 --to 版本 [--law 目录]
                           [--statutes 目录] [--data 目录] [--json]
      zhunsheng law edition export 文件.xlsx [--law 目录]
      zhunsheng law edition propose 文件.xlsx --from 施行日期 [--authority 机关]
                           [--number 文号] [--superior] [--law 目录 [--write]] [--json]

edition 把裁量基准和四张清单写成工作簿，改好的工作簿与现行的对照、检查；没有错误的，
--write 把改动写进法规目录（下次启动时采用）。--superior 表示由上级机关制定。
limits 列出全部期限：每个程序的每个期限（含特别情形）和法定期限表，连同
条文、原文字句、单位、起算、延长和届满的后果。--on 按该日有效的版本，默认今天。

检查法规定义：能否读取、有无走不到或走不出的状态、期限是否有依据、
必须始终成立的规则是否在每条路径上成立，等等。每一处写明文件、行、列、
理由和改法；有错误时退出码为 1。各种发现的含义见 docs/findings.md。

选项：
  --law 目录        法规定义所在目录；省略时检查随程序的定义
  --statutes 目录   法规文本所在目录（法名(公布日期).md）；
                    核对所引条文是否存在、原文字句是否见于该条
  --lock            把核对结果写入法规定义目录的 phrases.lock
                    （与 --law、--statutes 一起用）
  --all             连同提示逐条列出
  --json            输出 JSON";

const STATUTES: &str = "\
用法：zhunsheng statutes import 目录或文件… [--json]
      zhunsheng statutes list [--json]
      zhunsheng statutes show 行政处罚法§64(1) [--on 日期 | --edition 版本] [--json]
      zhunsheng statutes compare 行政复议法 2017-09-01 2023-09-01 [--all] [--json]

法规库存放法规全文，按版本并存。import 读取 Markdown、纯文本（UTF-8）和 DOCX；
文件名如“法名(2021-01-22).md”，括号内是该版本通过或修订之日。缺条、重复、次序不对的
文件逐行指出，其内容一条也不导入；同一文件再导入一次没有变化。可在服务运行时执行。

选项：
  --on 日期         取该日施行的版本
  --edition 版本    取该日通过或者修订的版本
  --all             对照时连同没有改动的条文一起列出
  --statutes 目录   不用法规库，直接读这个目录里的文本（show、compare）
  --json            输出 JSON
  --data 目录       数据目录，默认 data

退出码：有文件没有导入时为 1；法规、版本或者条文不存在时为 2。";

const RECORD: &str = "\
用法：zhunsheng record verify [目录] [--key 公钥]… [--checkpoint 文件] [--witness 公钥]… [--json]
      zhunsheng record audit [--key 公钥]… [--checkpoint 文件] [--json]
      zhunsheng record export 目录 [--from 序号] [--redacted]
      zhunsheng record prove 序号或事项编号 [--out 文件] [--values]
      zhunsheng record check-proof 文件 --key 公钥 [--key 公钥] [--witness 公钥]…
      zhunsheng record sample 文件 [--seed 文字] [--positions 个数]
      zhunsheng record sample 文件 --check [--verdicts]
      zhunsheng record deposit list | export 存证单位 [--out 文件] | import 文件 | alarm 小时数

verify（别名 zhunsheng verify）逐项重算叶子、两棵树（国密 SM3、SHA-256）和树根，指明设立记录；发现第一处
不符即报告，退出码为 1。目录可以是县的数据目录，也可以是导出（有 manifest.json）；
省略时核验 --data 所指的县。可在服务运行时执行。
  --key 公钥         另外取得的公钥，或者存放它的文件；国密 SM2 和 Ed25519 各可给一把
  --checkpoint 文件  另存的检查点：核对记录是不是从它延续而来，有没有分叉
  --witness 公钥     存证单位的公钥，或者存放它的文件；时间戳机构的是证书文件（PEM）；
                     它没有签过、签得不对的，指名报告

audit 供监督机关使用，一条命令查看全部：核验记录；把由记录派生的各表在副本中重建，
逐行与现用的表比较；逐个重算证据材料；核对法规文件、检查点、文号是否连续、设置和
账号。每处不符写明依据哪一项记录，有一处即退出码为 1。只读，可在服务运行时执行。
另存的检查点（--checkpoint）能查出“放回旧备份”。

export 把记录导出为普通文件，格式见 docs/record-format.md，不用本程序也能核验
（verifier/）。只导出检查点已经签到的各项；目录须不存在或为空。
  --from 序号        从这一项起导出全文，以前的只有叶子摘要
  --redacted         不导出密封内容（个人信息），只留承诺值，同样可以核验

prove 出具一项记录的凭证；给出事项编号时，取该事项最新的一项。
  --out 文件         写入文件，不覆盖已有文件；省略时打印
  --values           连同密封内容一起出示

check-proof 只凭凭证和公钥核验，不用数据库，不用网络。一把公钥就够：每份检查点都写明
两棵树的树根；两把都给，两个签名都核；--witness 要求存证单位也签过（凭证里没有时间戳，
时间戳在导出里）。不成立时退出码为 1。

sample 抽查：按监督机关给出的一段文字（--seed）抽取若干处（默认 100），每处出具一项“检查点由此
延续而来”的证明和十项收录证明，两棵树都出；抽到哪些项由那段文字决定，县里挑不了。文件不含
任何内容，用 --check 或者 verifier/verify.py proofs 核验，不用数据库；--verdicts 逐行列出结果
（1 成立；0 不成立，后面是原因，见 docs/record-format.md）。有一行不成立即退出码为 1。

deposit 存证：list 列出各存证单位签到哪一项，需要注意时退出码为 1；export 写出交给不联网的
存证单位的文件，时间戳机构的是时间戳请求（.tsq）；import 导入签后的文件（.cosigned、.tsr）；alarm 设定多少小时没有存证就提醒工作人员（默认 24）。

选项：
  --json         输出 JSON
  --data 目录    数据目录，默认 data";

const BACKUP: &str = "\
用法：zhunsheng backup 文件 [选项]

把数据库、证据材料和密钥备份为一个 zip 文件；可在服务运行时执行。
密钥用口令短语加密（在终端询问，或取自环境变量 ZHUNSHENG_PASSPHRASE）；
数据库含个人信息，备份文件应当与数据目录同等保管。

选项：
  --data 目录    数据目录，默认 data";

const RESTORE: &str = "\
用法：zhunsheng restore 文件 [选项]

从备份恢复到一个空的数据目录。先核对清单、摘要、密钥和全程记录，全部无误才落位。
指明了 --database 的，数据库部分再搬进该数据库；备份出自哪一种数据库都可以。
恢复后所有人须重新登录。

选项：
  --verify       只检查，不写入
  --data 目录    恢复到的目录（须不存在或为空），默认 data";

const MOVE: &str = "\
用法：zhunsheng move --from 来源 --to 目标 [选项]

把县域数据从数据目录中的 SQLite 文件搬到 PostgreSQL 数据库，或者搬回来。先停止服务。
全部在一个事务中：搬完后两边的全程记录都核验，树根和各表逐一比对，一致才保存；
中断或不符则目标没有任何改动。原来的文件改名留存，以免两处同时办理。

选项：
  --from、--to   file（数据目录中的 SQLite 文件）或 postgres://… 地址
  --data 目录    数据目录（密钥和证据材料所在，不搬动），默认 data";

const BENCH: &str = "\
用法：zhunsheng bench --out 目录 [选项]
      zhunsheng bench cast [--out 文件]
      zhunsheng bench load [选项]
      zhunsheng bench check --ledger 文件
      zhunsheng bench forms [--count 份数]

测量：生成一万、十万、一百万件的县（生成一次，留着再用），在它们的副本上起服务，
测页面、列表、检索、数字、凭证、核验、启动、内存，以及 1、8、64 个程序同时办理时
每秒落盘多少步；同一分钟里测本机的下限。中途 kill -9 一次，逐项核对没有丢。
结果写入 目录/performance.json 和 performance.md（带图）。约十分钟。

  --out 目录         结果，默认 bench-out
  --docs 目录        performance.md 和 pictures/ 写到这里，默认写在 --out
  --counties 目录    生成的县放在哪里，默认 --out 下的 counties
  --quick            短测：一千和一万件，约一分钟
  --sizes 1,2,3      各县的事项数
  --clients 1,8,64   同时办理的程序数（较大的县只测最后一个）
  --seconds 秒       每次负载多久，默认 8
  --patience 秒      每次负载前等机器空下来，最多多久，默认 20
  --forms 份数       群众向最小的县交多少份表单，默认 100000，0 为不测

各部分也可以单独用。测量要登记大量虚构的纠纷，只能用于演示县。

cast   在没有人使用的演示县里给调解员签发接口令牌，写成一个文件（默认 cast.json）。
load   若干个程序同时办理：登记一件纠纷，受理，告知，调解三次，终止，归档，再登记
       下一件；每个程序等到上一步答复以后才办下一步。输出 JSON。
check  核对账本里已经答复的每一步都在记录里；有一步不在，退出码为 1。
forms  在没有人使用的演示县里起服务，群众各从自己的地址打开纠纷登记表、填好提交，每二十人有一人
       按两次；三名干部同时看页面。完了逐份核对：都在记录里，各登记一次，查询码查得到。
       --count 份数（默认 100000）、--clients 同时的人数（默认 64）、--seconds 最多多久（默认 600）

load 的选项：
  --address 地址   正在运行的服务，默认 127.0.0.1:8826
  --cast 文件      默认 cast.json
  --clients 个数   默认 8
  --seconds 秒     默认 10
  --warm-up 秒     在此之前，照常办理，但不计入；默认 0
  --count 个数     最多办多少步
  --ledger 文件    每得到一个答复写一行“人员 请求编号 记录项 事项”，写完才发下一个请求
  --patience 秒    服务中断时等待多久；恢复后用同一个请求编号重发

  --data 目录      数据目录，默认 data";

const WITNESS: &str = "\
用法：zhunsheng witness init --name 名称
      zhunsheng witness follow 县的公钥
      zhunsheng witness list
      zhunsheng witness serve [--port 端口]
      zhunsheng witness sign 文件 [--out 文件]

存证单位的程序：记住每个县上次签到哪一项，只对从那里延续而来的检查点共签；记录被
截短、改写，或者同一项数有两个版本的，一律不签。它看不到任何记录的内容。存证单位
应在县的上级或者县外，用自己的目录，不放在县里的机器上。

init    设立：生成密钥（只在本目录，不外传），打印公钥，交给各县登记
follow  登记一个县的公钥，自此见证；县换钥匙时再登记新的一把
list    所见证的县，各签到哪一项、何时；发现过分叉的，退出码为 1
serve   启动网页服务，按 C2SP tlog-witness 接收检查点（POST /add-checkpoint）
sign    不联网时：签县里交来的存证文件，写出共签文件，交还县里导入；不签时退出码为 1

选项：
  --name 名称    名称，签在每次共签上，不能有空格和加号，如 铁岭市司法局
  --out 文件     共签文件，默认与所签文件同名，后缀 .cosigned；不覆盖已有文件
  --port 端口    默认 8826（或环境变量 ZHUNSHENG_PORT）
  --data 目录    存证单位的目录，默认 data

不要把旧的备份放回存证单位的目录：它会忘记后来签过什么。目录损坏时另行设立，换用新的公钥。";

/// Shows the help of a command; of nothing, the overview.
pub fn show(command: &str, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = match command {
        "" => OVERVIEW,
        "init" => INIT,
        "demo" => DEMO,
        "serve" => SERVE,
        "act" => ACT,
        "paper" => PAPER,
        "figures" => FIGURES,
        "credit" => CREDIT,
        "law" => LAW,
        "clock" => CLOCK,
        "calendar" => CALENDAR,
        "statutes" => STATUTES,
        "record" | "verify" => RECORD,
        "backup" => BACKUP,
        "restore" => RESTORE,
        "move" => MOVE,
        "bench" => BENCH,
        "witness" => WITNESS,
        other => return Err(Failure::Usage(format!("没有命令 {other}。"))),
    };
    terminal.say(text);
    Ok(Outcome::Fine)
}
