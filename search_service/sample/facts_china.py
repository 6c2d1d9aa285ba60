"""Cars of Chinese makes, as a code table of facts. The notation is that of `facts_world`."""

CHINA = """
# BYD|比亚迪|byd auto,迪子
= F3|F3|比亚迪f3,byd f3|0.5|5|LGX
F3;2005-09/2011-01/2021-01;sedan;BYDF;BYD473QB 5MT 6DCT;FWD;Standard,Comfort,Luxury
= Qin Plus|秦PLUS|qin plus dmi,秦plus,秦pro,秦dmi|0.9|9|LGX
DMi;2021-03/2023-02/;sedan;BYDDM;BYD472QA eCVT;FWD;55KM,120KM
EV;2021-04/2023-02/;sedan;BYDE3;E100 1AT,E150 1AT;FWD;400KM,500KM
= Song Plus|宋PLUS|song plus,宋plus,宋dmi,宋pro|1.2|8|LGX
DMi;2021-03/2023-06/;suv;BYDDM;BYD472QA eCVT,BYD476ZQC eCVT*;FWD;51KM,110KM
EV;2020-09/2023-06/;suv;BYDE3;E150 1AT,E160 1AT;FWD;505KM,605KM
Gas;2020-09/2021-12;suv;BYDF;BYD476ZQA 7DCT;FWD;Luxury,Premium
= Han|汉|han ev,比亚迪汉,汉ev|2.0|5|LGX
EV;2020-07/2022-04/;sedan;BYDE3;E180 1AT,E360 1AT*;FWD;506KM,610KM
DM;2020-07/2022-04/;sedan;BYDDM;BYD476ZQC eCVT,BYD487ZQA 6DCT*;FWD;121KM,202KM
= Tang|唐|tang dm,比亚迪唐|2.0|4|LGX
G1;2015-01/2018-05;suv;BYDF;BYD487ZQA 6DCT*;FWD;Luxury,Premium
G2;2018-06/2021-04/;suv;BYDDM;BYD487ZQA 6DCT,BYD476ZQC eCVT*;FWD;Luxury,Premium
= Dolphin|海豚|haitun|0.8|6|LGX
EA1;2021-08/;hatchback;BYDE3;E75 1AT,E150 1AT;FWD;Free,Fashion,Knight
= Seagull|海鸥|haiou|0.6|5|LGX
EQ;2023-04/;hatchback;BYDE3;E75 1AT;FWD;305KM,405KM
# Geely|吉利|吉利汽车,帝豪,geely auto
= Emgrand|帝豪|ec7,emgrand ec7,帝豪ec7|0.7|8|LB3
EC7;2009-07/2014-07/2018-05;sedan;FE;JLC-4G18 5MT CVT,JLY-4G15 5MT,JLB-4G13T 6DCT;FWD;Elite,Luxury
SS11;2021-08/;sedan;BMA;JLY-4G15 5MT CVT;FWD;Elite,Luxury
= Boyue|博越|boyue pro,博越pro,atlas|1.1|8|LB3
NL3;2016-03/2019-07/2023-06;suv;NL;JLH-3G15TD 7DCT,JLE-4G18TD 6MT 6AT*;FWD;Comfort,Premium
FX11;2022-10/;suv;CMA;BHE15-EFZ 7DCT,JLH-4G20TD 7DCT;FWD;Comfort,Premium
= Binyue|缤越|binyue pro,coolray|0.9|5|LB3
SX11;2018-10/2021-03/;suv;BMA;JLH-3G15TD 7DCT,BHE15-EFZ 7DCT;FWD;200T,260T
= Xingyue L|星越L|xingyue,星越,monjaro|1.5|5|L6T
KX11;2021-05/;suv;CMA;JLH-4G20TD 7DCT 8AT*;FWD;Premium,Flagship
= Vision|远景|yuanjing,新远景|0.5|4|L6T
FC3;2006-10/2014-09/2020-12;sedan;FE;MR479QA 5MT,JLC-4G18 5MT;FWD;Standard,Luxury
# Lynk & Co|领克|lynk,lynkco
= 03|03|领克03,lynk 03|1.4|4|L6T
CS11;2018-10/2021-04/;sedan;CMA;JLH-3G15TD 6MT 7DCT,JLH-4G20TD 8AT*;FWD;Pure,Pro,Plus
= 01|01|领克01,lynk 01|1.5|3|L6T
CX11;2017-11/2021-01/;suv;CMA;JLH-4G20TD 7DCT*,JLH-3G15TD-P 7DCT;FWD;Pure,Pro
# Chery|奇瑞|cherry,奇瑞汽车
= Tiggo 8|瑞虎8|tiggo8,瑞虎八|1.0|6|LVV
T18;2018-04/2021-03/;suv;T1X;SQRE4T15B 6MT 6DCT,SQRF4J16 7DCT,SQRF4J20 8AT*;FWD;Elite,Luxury
= Tiggo 7|瑞虎7|tiggo7,瑞虎七|0.9|5|LVV
T15;2016-09/2020-02/;suv;T1X;SQRE4T15B 6MT 6DCT CVT,SQR484F CVT;FWD;Elite,Luxury
= Tiggo 3|瑞虎3|tiggo,瑞虎3x|0.7|5|LVV
T11;2009-03/2014-05/2016-12;suv;T11;SQRE4G16 5MT CVT,SQR481FC 5MT;FWD;Elite,Luxury
= Arrizo 5|艾瑞泽5|arrizo5,艾瑞泽|0.7|5|LVV
M1D;2016-03/2018-09/;sedan;M1X;SQR477F 5MT CVT,SQRE4T15B 6MT CVT;FWD;Elite,Luxury
= QQ|QQ|奇瑞qq,qq3|0.4|4|LVV
S11;2003-05/2009-01/2013-04;hatchback;S11;SQR477F 5MT;FWD;Standard,Comfort
# Great Wall|长城|gwm,长城汽车
= Wingle 5|风骏5|wingle,风骏|0.8|4|LGW
CC;2010-03/2014-04/;pickup;GWL;4G69 5MT*,GW4D20 6MT*;RWD;Standard,Elite
= Poer|炮|长城炮,pao|1.2|5|LGW
P71;2019-09/2023-03/;pickup;GWP;GW4C20B 6MT 8AT*,GW4D20M 6MT 8AT*;RWD;Commercial,Passenger
# Haval|哈弗|哈佛,长城哈弗
= H6|H6|哈弗h6,haval h6,哈佛h6|1.0|10|LGW
CHB011;2011-08/2015-03/2020-06;suv;CHB;GW4G15B 6MT 6DCT,GW4D20 6MT,4G69 5MT*;FWD;Urban,Elite,Luxury
B01;2017-04/2020-07;suv;CHB2;GW4B15 7DCT,GW4C20 7DCT;FWD;Comfort,Luxury
B01G3;2020-08/2022-08/;suv;Lemon;GW4B15 7DCT,GW4C20B 7DCT*;FWD;Plus,Pro,Max
= M6|M6|哈弗m6|0.8|4|LGW
M6;2017-08/2020-11/;suv;CHB;GW4G15B 6MT 6DCT;FWD;Elite,Luxury
= Jolion|初恋|chulian,haval jolion|0.8|3|LGW
A01;2021-01/;suv;Lemon;GW4G15B 6MT 7DCT,GW4B15 7DCT;FWD;Style,Premium
= Big Dog|大狗|dagou,哈弗大狗|1.1|4|LGW
B06;2020-09/2023-04/;suv;Lemon;GW4B15 7DCT,GW4C20B 7DCT*;FWD;Poodle,Husky
# Changan|长安|长安汽车
= CS75|CS75|cs75plus,cs75 plus,长安cs75|1.0|9|LS4
S301;2014-04/2018-01/2020-12;suv;CAP3;JL486ZQ4 6AT*,JL476ZQCD 6MT 6AT;FWD;Fashion,Luxury
S311;2019-09/2021-05/;suv;CAP3P;JL476ZQCD 6AT,JL473ZQ7 8AT,JL486ZQ4 8AT;FWD;Elite,Premium
= CS55|CS55|cs55plus,长安cs55|0.9|6|LS4
S202;2017-07/2019-11/;suv;CAP3;JL476ZQCD 6MT 6AT,JL473ZQ7 7DCT;FWD;Elite,Premium
= Eado|逸动|eado plus,逸动plus,yidong|0.8|8|LS5
C201;2012-03/2015-05/2018-03;sedan;CAP3;JL478QEE 5MT 4AT 6AT;FWD;Luxury,Premium
C211;2018-04/2020-03/;sedan;CAP3P;JL478QEE 5MT 6DCT,JL473ZQ7 7DCT;FWD;Elite,Premium
= UNI-V|UNI-V|univ,长安univ|1.0|4|LS5
C281;2022-03/;sedan;CAFM;JL473ZQ7 7DCT,JL486ZQ4 8AT,JL473QG eCVT;FWD;Elite,Premium
= Honor|欧诺|ounuo,长安商用欧诺|0.5|4|LS5
MPV3;2012-03/2015-08/;van;CAV;JL475QL 5MT;RWD;Standard,Elite
# Wuling|五菱|五菱汽车,上汽通用五菱
= Hongguang|宏光|hongguang s,五菱宏光s,秋名山神车|0.5|9|LZW
CN112;2010-09/2013-05/2022-10;mpv;CN1;LAR 5MT,L2B 5MT;RWD;Basic,Standard,Comfort
= Hongguang Mini EV|宏光MINI|mini ev,五菱mini,老头乐|0.4|7|LZW
E50;2020-07/2022-06/;hatchback;E50;E35 1AT;RWD;Light,Macaron
= Rongguang|荣光|rongguang,五菱荣光|0.4|6|LZW
N300;2008-04/2014-06/;van;CN1;LAR 5MT,L2B 5MT;RWD;Basic,Standard
= Sunshine|之光|zhiguang,五菱之光|0.3|5|LZW
N100;2002-10/2010-05/2020-09;van;N1;LAQ 5MT,LAR 5MT;RWD;Basic,Standard
# Baojun|宝骏|baojun 汽车
= 730|730|宝骏730|0.6|5|LZW
CN200;2014-07/2017-02/2020-12;mpv;CN2;L2B 5MT,LJ479QNE2 5MT,LJO 6MT CVT;FWD;Standard,Luxury
= 510|510|宝骏510|0.6|5|LZW
CN180;2017-02/2019-06/2022-12;suv;CN2;L2B 5MT 6AT CVT;FWD;Fashion,Luxury
# Roewe|荣威|上汽荣威
= RX5|RX5|荣威rx5,rx5 plus|1.0|6|LSJ
AS22;2016-07/2020-06/2022-07;suv;SSA;15E4E 6MT 7DCT,20L4E 6DCT*;FWD;20T,30T
RX5G3;2022-08/;suv;SIGMA;15FDE 7DCT;FWD;Standard,Beyond
= 550|550|荣威550|0.8|3|LSJ
W2;2008-06/2012-11/2016-12;sedan;SP2;15S4G 5MT,18K4G 5MT 5AT;FWD;S,D,G
= i5|i5|荣威i5,ei5|0.7|5|LSJ
I5;2018-11/2021-06/;sedan;SSA;15S4G 5MT CVT,15E4E 7DCT;FWD;4G,Premium
# MG|名爵|mg6,上汽名爵
= MG 6|名爵6|mg6,新mg6|0.9|4|LSJ
IP32;2017-11/2020-07/;sedan;SSA;15E4E 6MT 7DCT,15FDE 7DCT;FWD;20T,Trophy
= ZS|名爵ZS|mg zs|0.7|4|LSJ
AS23;2017-03/2020-04/;suv;SSA;15S4G 5MT CVT 4AT;FWD;Elite,Luxury
# Trumpchi|传祺|广汽传祺,gac
= GS4|GS4|传祺gs4|0.9|6|LMG
A5H;2015-04/2018-06/2019-10;suv;GACA;4A15J1 5MT 6AT 7DCT;FWD;200T,235T
A5HG2;2019-11/;suv;GPMA;4A15J1 6AT;FWD;270T
= GS8|GS8|传祺gs8|1.6|3|LMG
A7M;2016-10/2020-04/2021-10;suv;GACB;4B20J1 6AT*;FWD;320T,390T
= M8|M8|传祺m8|1.7|3|LMG
A9M;2017-12/2022-10/;mpv;GACB;4B20J1 6AT 8AT;FWD;320T,390T
# Hongqi|红旗|一汽红旗
= H5|H5|红旗h5|1.7|4|LFP
C801;2018-04/2022-10;sedan;FAWB;CA4GC20TD 6AT,CA4GB15TD 7DCT;FWD;Smart,Luxury
= HS5|HS5|红旗hs5|1.8|3|LFP
C095;2019-05/2023-02/;suv;FAWB;CA4GC20TD 6AT*;FWD;Smart,Luxury
# Bestune|奔腾|一汽奔腾
= B70|B70|奔腾b70|1.0|3|LFP
C301;2006-08/2014-04/2019-12;sedan;FAWG;LF-VD 5MT 6AT;FWD;Comfort,Luxury
= B30|B30|奔腾b30|0.6|2|LFP
D009;2015-11/2020-05;sedan;FAWA;CA4GA5 5MT 6AT;FWD;Comfort,Luxury
# Jetour|捷途|jietu
= X70|X70|捷途x70|0.9|5|LVT
KX;2018-08/2020-11/;suv;T1X;SQRE4T15B 6MT 6DCT,SQRF4J16 7DCT;FWD;Wise,Premium
# NIO|蔚来|weilai,未来汽车
= ES6|ES6|蔚来es6|3.0|4|LJ1
NT1;2019-06/2023-04;suv;NT1;E360 1AT*;AWD;Sport,Performance
= ET5|ET5|蔚来et5|2.6|3|LJ1
NT2;2022-09/;sedan;NT2;E360 1AT*;AWD;75kWh,100kWh
# XPeng|小鹏|xiaopeng,小鹏汽车
= P7|P7|小鹏p7,p7i|2.0|4|L1N
E28;2020-05/2023-02/;sedan;SEPA;E200 1AT,E331 1AT*;RWD;480,586,670
= G3|G3|小鹏g3|1.3|2|L1N
D21;2018-12/2021-07/2023-05;suv;SEPB;E150 1AT;FWD;460,520
# Li Auto|理想|lixiang,理想汽车
= One|ONE|理想one|2.6|4|HLX
M01;2019-11/2021-05/2022-10;suv;LIX;L2E15M 1AT*;AWD;Standard
= L7|L7|理想l7|2.8|4|HLX
X02;2023-02/;suv;LIX2;L2E15M 1AT*;AWD;Air,Pro,Max
# Leapmotor|零跑|lingpao
= T03|T03|零跑t03|0.5|4|LFZ
T03;2020-05/;hatchback;LPT;E75 1AT;FWD;310,403
# GAC Aion|埃安|aion,广汽埃安
= Aion S|AION S|埃安s,aion s|1.2|5|LNA
A18;2019-05/2021-06/;sedan;GEP;E100 1AT,E150 1AT;FWD;Mei,Xuan
# Dongfeng|东风|dfm,东风汽车
= Forthing Lingzhi|菱智|lingzhi m5,东风风行菱智|0.6|4|LGG
M3;2008-05/2015-05/;mpv;DFL;D15 5MT,4G69 5MT;RWD;M3,M5
# JAC|江淮|jianghuai,江淮汽车
= Refine S3|瑞风S3|refine s3,瑞风|0.7|3|LJ1
S3;2013-08/2016-07/2020-12;suv;JACS;D15 6MT CVT;FWD;Comfort,Luxury
"""
