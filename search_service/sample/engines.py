"""Engines of real cars as a code table of facts: code, litres, cylinders, fuel, aspiration, kW, family."""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
1ZR-FE 1.6 4 petrol natural 90 ZR;2ZR-FE 1.8 4 petrol natural 103 ZR;8ZR-FXE 1.8 4 hybrid natural 73 ZR
3ZR-FE 2.0 4 petrol natural 107 ZR;9NR-FTS 1.2 4 petrol turbo 85 NR;7NR-FE 1.5 4 petrol natural 82 NR
5NR-FE 1.5 4 petrol natural 79 NR;4NR-FE 1.3 4 petrol natural 73 NR;1AZ-FE 2.0 4 petrol natural 108 AZ
2AZ-FE 2.4 4 petrol natural 123 AZ;6AR-FSE 2.0 4 petrol natural 123 AR;5AR-FE 2.5 4 petrol natural 135 AR
M15C 1.5 3 petrol natural 89 TNGA;M20D 2.0 4 petrol natural 126 TNGA;A25D 2.5 4 petrol natural 154 TNGA
A25F 2.5 4 hybrid natural 131 TNGA;M20F 2.0 4 hybrid natural 112 TNGA;2TR-FE 2.7 4 petrol natural 120 TR
1GR-FE 4.0 6 petrol natural 202 GR;2GR-FE 3.5 6 petrol natural 204 GR;CDFA 1.6 4 petrol natural 77 EA111
CFBA 1.4 4 petrol turbo 96 EA111;CSRA 1.6 4 petrol natural 81 EA211;CSSA 1.4 4 petrol turbo 96 EA211
CSTA 1.4 4 petrol turbo 110 EA211;DMBA 1.5 4 petrol natural 82 EA211;DJSA 1.4 4 petrol turbo 110 EA211
CEAA 1.8 4 petrol turbo 118 EA888;CGMA 2.0 4 petrol turbo 147 EA888;CUFA 1.8 4 petrol turbo 132 EA888
CUGA 2.0 4 petrol turbo 162 EA888;DKVA 2.0 4 petrol turbo 137 EA888;DKXA 2.0 4 petrol turbo 162 EA888
CDZA 2.0 4 petrol turbo 132 EA888;CADA 2.0 4 petrol turbo 155 EA888;CVKB 2.0 4 petrol turbo 140 EA888
CWNA 2.0 4 petrol turbo 185 EA888;CREC 3.0 6 petrol supercharged 245 EA837;BPJ 2.0 4 petrol turbo 125 EA113
BKB 2.4 6 petrol natural 130 EA824;L15A7 1.5 4 petrol natural 88 L15;L15B2 1.5 4 petrol natural 96 L15
L15B8 1.5 4 petrol turbo 130 L15;L15BN 1.5 4 petrol turbo 143 L15;R18A1 1.8 4 petrol natural 103 R
R18Z5 1.8 4 petrol natural 104 R;R20A3 2.0 4 petrol natural 114 R;R20Z4 2.0 4 petrol natural 114 R
K24Z2 2.4 4 petrol natural 132 K24;K24W5 2.4 4 petrol natural 137 K24;LFB1 2.0 4 hybrid natural 107 LF
LFA1 2.0 4 hybrid natural 105 LF;HR15DE 1.5 4 petrol natural 82 HR;HR16DE 1.6 4 petrol natural 93 HR
MRA8DE 1.8 4 petrol natural 102 MR;MR20DE 2.0 4 petrol natural 104 MR;MR20DD 2.0 4 petrol natural 110 MR
QR25DE 2.5 4 petrol natural 137 QR;KR20DDET 2.0 4 petrol turbo 185 KR;KR15DDT 1.5 3 petrol turbo 150 KR
VQ25DE 2.5 6 petrol natural 136 VQ;N46B20 2.0 4 petrol natural 110 N4X;N52B25 2.5 6 petrol natural 160 N5X
N52B30 3.0 6 petrol natural 190 N5X;N20B20 2.0 4 petrol turbo 180 N20;N55B30 3.0 6 petrol turbo 225 N5X
B38B15 1.5 3 petrol turbo 100 BX8;B48B20 2.0 4 petrol turbo 185 BX8;B48B20A 2.0 4 petrol turbo 135 BX8
B58B30 3.0 6 petrol turbo 250 BX8;M271.860 1.8 4 petrol turbo 135 M271;M272.947 3.0 6 petrol natural 170 M272
M274.920 2.0 4 petrol turbo 155 M274;M274.910 1.6 4 petrol turbo 115 M274;M264.920 2.0 4 petrol turbo 190 M264
M264.915 1.5 4 petrol turbo 135 M264;M276.820 3.0 6 petrol turbo 245 M276;M270.910 1.6 4 petrol turbo 115 M270
M282.914 1.3 4 petrol turbo 120 M282;M254.920 2.0 4 petrol turbo 190 M254;LDE 1.6 4 petrol natural 86 GMF
LE2 1.4 4 petrol turbo 110 GMS;L2B 1.5 4 petrol natural 82 GMN;LFV 1.5 4 petrol turbo 124 GMS
L3Z 1.3 3 petrol turbo 120 GMC;LTD 2.0 4 petrol natural 108 GMX;LE5 2.4 4 petrol natural 125 GMX
LAF 2.4 4 petrol natural 137 GMX;LKW 2.5 4 petrol natural 137 GMX;LHU 2.0 4 petrol turbo 162 GMX
LTG 2.0 4 petrol turbo 191 GMX;LSY 2.0 4 petrol turbo 174 GMC;CAF479Q0 1.6 4 petrol natural 92 Sigma
CAF479WQ4 1.5 4 petrol turbo 133 Sigma;CAF488Q1 2.0 4 petrol natural 125 Duratec
CAF488WQA6 2.0 4 petrol turbo 180 EcoBoost;CAF384WQ06 1.5 3 petrol turbo 128 Dragon
CAF384Q15 1.5 3 petrol natural 90 Dragon;G4FA 1.4 4 petrol natural 79 Gamma;G4FC 1.6 4 petrol natural 90 Gamma
G4FG 1.6 4 petrol natural 94 Gamma;G4FJ 1.6 4 petrol turbo 130 Gamma;G4NA 2.0 4 petrol natural 118 Nu
G4KD 2.0 4 petrol natural 121 Theta;G4KE 2.4 4 petrol natural 128 Theta;G4LC 1.4 4 petrol natural 73 Kappa
G4FL 1.5 4 petrol natural 85 Gamma;G4LD 1.4 4 petrol turbo 96 Kappa;G4NN 2.0 4 petrol natural 110 Nu
ZM-DE 1.6 4 petrol natural 77 ZM;LF-VD 2.0 4 petrol natural 108 LF2;P5-VPS 1.5 4 petrol natural 86 SkyG
PE-VPS 2.0 4 petrol natural 116 SkyG;PY-VPS 2.5 4 petrol natural 141 SkyG;B4204T44 2.0 4 petrol turbo 184 VEA
B4154T5 1.5 4 petrol turbo 112 VEA;B5254T10 2.5 5 petrol turbo 170 VOL5;TU5JP4 1.6 4 petrol natural 78 TU
EC5F 1.6 4 petrol natural 86 EC;EP6CDT 1.6 4 petrol turbo 123 EP6;EB2DTS 1.2 3 petrol turbo 100 EB2
BYD473QB 1.5 4 petrol natural 78 BYD47;BYD476ZQA 1.5 4 petrol turbo 113 BYD47;BYD483QB 2.0 4 petrol natural 103 BYD48
BYD487ZQA 2.0 4 petrol turbo 151 BYD48;BYD472QA 1.5 4 phev natural 81 BYD47;BYD476ZQC 1.5 4 phev turbo 102 BYD47
MR479QA 1.5 4 petrol natural 69 G47;JLC-4G18 1.8 4 petrol natural 98 G4G;JLY-4G15 1.5 4 petrol natural 80 G4G
JLB-4G13T 1.3 4 petrol turbo 98 G4G;JLE-4G18TD 1.8 4 petrol turbo 135 G4G;JLH-3G15TD 1.5 3 petrol turbo 130 GEP3
JLH-4G20TD 2.0 4 petrol turbo 175 VEA;BHE15-EFZ 1.5 4 petrol turbo 133 BHE;JLH-3G15TD-P 1.5 3 phev turbo 132 GEP3
SQR477F 1.5 4 petrol natural 80 AC47;SQRE4G16 1.6 4 petrol natural 93 ACE4;SQR481FC 1.8 4 petrol natural 97 AC48
SQR484F 2.0 4 petrol natural 102 AC48;SQRE4T15B 1.5 4 petrol turbo 108 ACE4;SQRF4J16 1.6 4 petrol turbo 145 ACF4
SQRF4J20 2.0 4 petrol turbo 187 ACF4;GW4G15 1.5 4 petrol natural 77 GWG;GW4G15B 1.5 4 petrol turbo 110 GWG
GW4B15 1.5 4 petrol turbo 124 GWB;GW4C20 2.0 4 petrol turbo 145 GWC;GW4D20 2.0 4 diesel turbo 110 GWD
4G69 2.4 4 petrol natural 100 MIT4;GW4C20B 2.0 4 petrol turbo 165 GWC;GW4D20M 2.0 4 diesel turbo 120 GWD
JL475QL 1.5 4 petrol natural 82 CA47;JL478QEE 1.6 4 petrol natural 92 CA47;JL476ZQCD 1.5 4 petrol turbo 131 CA47
JL473ZQ7 1.5 4 petrol turbo 138 CA47;JL486ZQ4 2.0 4 petrol turbo 171 CA48;JL473QG 1.5 4 phev natural 81 CA47
LAR 1.2 4 petrol natural 63 B12;LAQ 1.0 4 petrol natural 45 B12;LJO 1.5 4 petrol turbo 108 LJO
LJ479QNE2 1.8 4 petrol natural 101 LJ4;15S4G 1.5 4 petrol natural 80 NSE;15E4E 1.5 4 petrol turbo 124 SGE
20L4E 2.0 4 petrol turbo 162 SGE;18K4G 1.8 4 petrol turbo 118 K18;15FDE 1.5 4 petrol turbo 138 NetB
4A15J1 1.5 4 petrol turbo 124 GAC4A;4B18M1 1.8 4 petrol turbo 130 GAC4B;4B20J1 2.0 4 petrol turbo 185 GAC4B
CA4GC20TD 2.0 4 petrol turbo 165 CA4G;CA4GB15TD 1.5 4 petrol turbo 124 CA4G;CA4GA5 1.5 4 petrol natural 75 CA4G
L2E15M 1.5 4 erev turbo 113 L2E;D15 1.5 4 petrol natural 83 D15;E35 0 0 electric none 30 EV
E75 0 0 electric none 75 EV;E100 0 0 electric none 100 EV;E150 0 0 electric none 150 EV;E160 0 0 electric none 160 EV
E180 0 0 electric none 180 EV;E200 0 0 electric none 202 EV;E220 0 0 electric none 220 EV
E331 0 0 electric none 331 EV;E360 0 0 electric none 360 EV;E400 0 0 electric none 400 EV
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine; `litres` and `cylinders` are 0 for electric motors, `family` groups engines that share parts."""

    code: str
    litres: float
    cylinders: int
    fuel: str
    aspiration: str
    power_kw: int
    family: str

    @property
    def name(self) -> str:
        """What an owner would call it: the code, or for a motor its power."""
        return f"Electric {self.power_kw} kW" if self.fuel == "electric" else self.code


def engines() -> dict[str, Engine]:
    """All engines by table code."""
    return {engine.code: engine for engine in map(_engine, _TABLE.strip().replace("\n", ";").split(";"))}


def _engine(text: str) -> Engine:
    code, litres, cylinders, fuel, aspiration, power, family = text.split()
    return Engine(code, float(litres), int(cylinders), fuel, aspiration, int(power), family)
